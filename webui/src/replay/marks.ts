/**
 * What stands above the calls of the timeline: errors, notes, and what the program said otherwise, by kind.
 *
 * Where a timeline tells the moments of a kind, a mark is one of them; of what happened too often, a mark
 * stands for a bucket, and which event it leads to is asked when it is clicked.
 */
import type { Timeline, TimelineMark } from '../api/types';
import type { Family } from './kinds';
import { counted } from './format';
import type { Range } from './range';
import { placeOf, totalOf, type Axis, type Extent } from './timeline';

/** Told by moments of their own, in every timeline. */
const TOLD = ['exception', 'note'] as const;
/** What the program said, in a row of its own. */
const SAID = ['output', 'log', 'sql', 'http', 'redis'] as const;

export const MARK_KINDS = [...TOLD, ...SAID];

export type MarkKind = (typeof MARK_KINDS)[number];

export interface Mark extends TimelineMark {
  readonly kind: MarkKind;
  /** The events among which the moment is, where it is not known better. */
  readonly within?: Range;
}

interface Look {
  readonly name: string;
  /** An outline in a square of 8. */
  readonly shape: string;
  readonly family: Family;
}

/** How each is drawn, and called in the legend. */
export const LOOKS: Readonly<Record<MarkKind, Look>> = {
  exception: { name: 'errors', shape: 'M4 0 8 8H0z', family: 'exception' },
  note: { name: 'notes', shape: 'M4 0 8 8H0z', family: 'outside' },
  output: { name: 'output', shape: 'M3 0h2v8H3z', family: 'outside' },
  log: { name: 'log', shape: 'M4 1a3 3 0 1 0 .01 0z', family: 'outside' },
  sql: { name: 'SQL', shape: 'M4 0 8 4 4 8 0 4z', family: 'outside' },
  http: { name: 'HTTP', shape: 'M1 1h6v6H1z', family: 'outside' },
  redis: { name: 'Redis', shape: 'M0 1h8L4 8z', family: 'outside' },
};

/** Whether a kind has its marks in the upper row. */
export function isSaid(kind: MarkKind): boolean {
  return SAID.some((said) => said === kind);
}

/** The kinds that occur, each with how often. */
export function marked(timeline: Timeline): { kind: MarkKind; events: number }[] {
  return MARK_KINDS.map((kind) => ({ kind, events: totalOf(timeline, kind) })).filter(
    ({ events }) => events > 0,
  );
}

export function marksOf(timeline: Timeline, kind: MarkKind): readonly Mark[] {
  if (kind === 'exception') return timeline.exceptions.map((mark) => ({ ...mark, kind }));
  if (kind === 'note') return timeline.notes.map((mark) => ({ ...mark, kind }));
  const known = timeline.marks.filter((mark) => mark.kind === kind);
  if (known.length === totalOf(timeline, kind)) return known.map((mark) => ({ ...mark, kind }));
  return timeline.buckets.flatMap((bucket) => {
    const events = bucket.kinds[kind] ?? 0;
    if (events === 0) return [];
    const { first, last, start_ns, end_ns } = bucket;
    const text = `${counted(events, 'event')} of ${LOOKS[kind].name}`;
    const middle = { n: Math.round((first + last) / 2), time_ns: (start_ns + end_ns) / 2 };
    return [{ ...middle, text, kind, within: { first, last } }];
  });
}

/**
 * The mark that lies nearest to a place, if one does between `from` and `to`.
 *
 * @param whole the session's timeline, where `marks` are those of a part of it.
 */
export function markBetween(
  marks: readonly Mark[],
  whole: Timeline,
  axis: Axis,
  { from, to }: Extent,
): Mark | null {
  let best: Mark | null = null;
  let distance = (to - from) / 2;
  for (const mark of marks) {
    const away = Math.abs(placeOf(whole, axis, mark.n, mark.time_ns) - (from + to) / 2);
    if (away < distance || (best === null && away <= distance)) [best, distance] = [mark, away];
  }
  return best;
}
