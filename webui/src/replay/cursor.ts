/**
 * Where the replay stands: an event number within the range of those that are kept.
 *
 * The range grows while the program still runs. A cursor at its end follows it if that is wished;
 * anywhere else it stays, whatever arrives. While there are no events it stands at 0.
 */

export interface Cursor {
  readonly n: number;
  readonly first: number;
  readonly last: number;
  readonly follow: boolean;
}

export const NOWHERE: Cursor = { n: 0, first: 0, last: 0, follow: false };

/** The cursor at event `n`, or at the nearest one that is kept. */
export function seek(cursor: Cursor, n: number): Cursor {
  return { ...cursor, n: clamp(n, cursor.first, cursor.last) };
}

export function step(cursor: Cursor, by: number): Cursor {
  return seek(cursor, cursor.n + by);
}

/** The range is now `first` to `last`: what was recorded since, and what fell out at the old end. */
export function extend(cursor: Cursor, first: number, last: number): Cursor {
  const n = cursor.follow && cursor.n === cursor.last ? last : cursor.n;
  return seek({ ...cursor, first, last }, n);
}

export function setFollow(cursor: Cursor, follow: boolean): Cursor {
  return follow ? { ...cursor, follow, n: cursor.last } : { ...cursor, follow };
}

export function atStart(cursor: Cursor): boolean {
  return cursor.n <= cursor.first;
}

/** Whether it goes on with what is recorded. */
export function isFollowing(cursor: Cursor): boolean {
  return cursor.follow && atEnd(cursor);
}

export function atEnd(cursor: Cursor): boolean {
  return cursor.n >= cursor.last;
}

function clamp(value: number, low: number, high: number): number {
  return high < low ? 0 : Math.min(Math.max(Math.round(value), low), high);
}
