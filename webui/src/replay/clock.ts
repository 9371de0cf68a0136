/**
 * The playback clock: how many events are due since the last tick.
 *
 * It keeps no time of its own; whoever calls it says what time it is. When what comes next is not loaded
 * yet, the debt is forgiven, so that a slow answer is never followed by a leap.
 */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;

export type Speed = (typeof SPEEDS)[number];

/** Events a second at speed 1: as fast as an eye can follow a line. */
export const RATE = 5;

/** A longer pause between two ticks counts as this one: a page in the background was not watched. */
const LONGEST_MS = 300;

export interface Clock {
  readonly at: number;
  readonly owed: number;
}

export interface Tick {
  readonly clock: Clock;
  readonly steps: number;
}

export function startClock(nowMs: number): Clock {
  return { at: nowMs, owed: 0 };
}

/** Steps due at `nowMs`, no more than `ready` (events ahead that could be shown at once). */
export function tick(clock: Clock, nowMs: number, speed: Speed, ready: number): Tick {
  const elapsed = Math.min(LONGEST_MS, Math.max(0, nowMs - clock.at));
  const owed = clock.owed + (elapsed / 1000) * RATE * speed;
  const due = Math.floor(owed);
  const steps = Math.min(due, ready);
  return { clock: { at: nowMs, owed: steps < due ? 0 : owed - due }, steps };
}

export function isSpeed(value: number): value is Speed {
  return (SPEEDS as readonly number[]).includes(value);
}
