/**
 * The list of sessions while it fills: what is shown, what waits above, and who stands under whom.
 */
import type { Session } from '../api/types';

export interface Listing {
  /** Newest first. */
  readonly shown: readonly Session[];
  /** Newer sessions that are known and not shown, so that no row moves under the reader's cursor. */
  readonly waiting: readonly Session[];
}

export const EMPTY_LISTING: Listing = { shown: [], waiting: [] };

/**
 * The listing after its newest part was read again: what is in it is up to date, what should be in it
 * and is not no longer matches or is gone.
 *
 * @param whole the answer holds everything there is, and not only the newest part.
 * @param settle show at once what is new.
 */
export function refreshed(
  before: Listing,
  newest: readonly Session[],
  { whole, settle }: { readonly whole: boolean; readonly settle: boolean },
): Listing {
  const fresh = new Map(newest.map((session) => [session.id, session]));
  const known = new Set(before.shown.map(({ id }) => id));
  const oldest = whole ? '' : (newest.at(-1)?.start ?? '');
  const shown = before.shown.flatMap((session) => {
    const now = fresh.get(session.id);
    if (now !== undefined) return [now];
    return session.start < oldest ? [session] : [];
  });
  const waiting = newest.filter(({ id }) => !known.has(id));
  return settle ? { shown: [...waiting, ...shown], waiting: [] } : { shown, waiting };
}

export function released(listing: Listing): Listing {
  return { shown: [...listing.waiting, ...listing.shown], waiting: [] };
}

/** The listing with an older part behind it. */
export function extended(listing: Listing, older: readonly Session[]): Listing {
  const known = new Set([...listing.shown, ...listing.waiting].map(({ id }) => id));
  return { ...listing, shown: [...listing.shown, ...older.filter(({ id }) => !known.has(id))] };
}

export interface SessionRow {
  readonly session: Session;
  readonly level: number;
  /** How many of its children are in the list. */
  readonly children: number;
  readonly open: boolean;
}

const TOP = '';

/** More children than these are folded until someone asks for them. */
export const MANY = 5;

/**
 * Rows in order: children below their parent, oldest first, where both are in the list.
 *
 * @param turned sessions whose fold is not as it would be by itself.
 */
export function arranged(sessions: readonly Session[], turned: ReadonlySet<string>): SessionRow[] {
  const ids = new Set(sessions.map(({ id }) => id));
  const below = new Map<string, Session[]>();
  for (const session of sessions) {
    const parent = session.parent !== null && ids.has(session.parent) ? session.parent : TOP;
    below.set(parent, [...(below.get(parent) ?? []), session]);
  }
  const rows: SessionRow[] = [];
  const walk = (session: Session, level: number): void => {
    const children = below.get(session.id) ?? [];
    const open = children.length <= MANY !== turned.has(session.id);
    rows.push({ session, level, children: children.length, open });
    if (open)
      children.toReversed().forEach((child) => {
        walk(child, level + 1);
      });
  };
  (below.get(TOP) ?? []).forEach((session) => {
    walk(session, 0);
  });
  return rows;
}

/** Events a second of each running session, between two readings of the list. */
export function rates(
  before: ReadonlyMap<string, number>,
  sessions: readonly Session[],
  elapsedMs: number,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id, status, events } of sessions) {
    const then = before.get(id);
    if (status !== 'running' || then === undefined || elapsedMs <= 0) continue;
    found.set(id, Math.max(0, Math.round(((events - then) * 1000) / elapsedMs)));
  }
  return found;
}
