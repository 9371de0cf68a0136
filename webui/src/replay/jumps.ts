/**
 * Step over and step out, in both directions: the nearest event that is no deeper than some depth.
 *
 * Events are asked for one by one and may not be loaded; then the answer says which one is needed. A span
 * of calls that is known to be deeper throughout is skipped whole, so that a call of a million events
 * costs one question.
 */
import type { Span } from '../api/types';

export type Direction = 1 | -1;

export interface Goal {
  readonly from: number;
  readonly direction: Direction;
  readonly depth: number;
}

export interface Ground {
  readonly first: number;
  readonly last: number;
  readonly depthOf: (n: number) => number | undefined;
  /** Where a frame of that depth around event `n` begins and ends, if that is known. */
  readonly around: (n: number, depth: number) => Span | undefined;
}

export type Finding =
  | { readonly found: number | null }
  /** The depth of this event must be known first. */
  | { readonly need: number };

export function nearest(goal: Goal, ground: Ground): Finding {
  let n = goal.from + goal.direction;
  while (n >= ground.first && n <= ground.last) {
    const depth = ground.depthOf(n);
    if (depth === undefined) return { need: n };
    if (depth <= goal.depth) return { found: n };
    n = beyond(n, goal, ground);
  }
  return { found: null };
}

function beyond(n: number, goal: Goal, ground: Ground): number {
  const span = ground.around(n, goal.depth + 1);
  if (span === undefined) return n + goal.direction;
  return goal.direction === 1 ? Math.max(span.last, n) + 1 : Math.min(span.first, n) - 1;
}

/** Spans by depth, found by the event they hold. */
export class SpanIndex {
  readonly #lanes = new Map<number, Span[]>();

  constructor(spans: readonly Span[]) {
    for (const span of spans) {
      const lane = this.#lanes.get(span.depth);
      if (lane === undefined) this.#lanes.set(span.depth, [span]);
      else lane.push(span);
    }
    for (const lane of this.#lanes.values()) lane.sort((a, b) => a.first - b.first);
  }

  /** The span of that depth that holds event `n`. */
  around(n: number, depth: number): Span | undefined {
    const lane = this.#lanes.get(depth) ?? [];
    const span = lane[lastWhere(lane.length, (i) => (lane[i]?.first ?? 0) <= n)];
    return span !== undefined && n <= span.last ? span : undefined;
  }

  get depths(): number {
    return Math.max(0, ...this.#lanes.keys());
  }

  lane(depth: number): readonly Span[] {
    return this.#lanes.get(depth) ?? [];
  }
}

/** The last index for which `holds` is true, where it is true up to some index and false from there; else -1. */
export function lastWhere(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
