/**
 * Which events stand in which rows of a list that nobody has loaded.
 *
 * Without a filter a row is an event number. With one, the timeline's buckets say how many events of a
 * kind lie where: a bucket is then a page whose size is known before it is read.
 */
import type { Bucket } from '../api/types';
import { lastWhere } from './jumps';
import { familyOf, type Family } from './kinds';

/** Consecutive rows that are read together: events `from` to `to`, `rows` of which are shown. */
export interface Segment {
  readonly index: number;
  readonly row: number;
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

export interface RowMap {
  readonly rows: number;
  segmentAt(row: number): Segment | undefined;
  /** The segment that holds event `n`, or the last one before it. */
  segmentOf(n: number): Segment | undefined;
}

export const PAGE = 200;

/** Every event, `PAGE` rows to a segment. */
export function wholeRows(first: number, last: number): RowMap {
  const rows = last < first || first < 1 ? 0 : last - first + 1;
  const segment = (index: number): Segment | undefined => {
    const row = index * PAGE;
    if (row < 0 || row >= rows) return undefined;
    const size = Math.min(PAGE, rows - row);
    return { index, row, rows: size, from: first + row, to: first + row + size - 1 };
  };
  return {
    rows,
    segmentAt: (row) => segment(Math.floor(row / PAGE)),
    segmentOf: (n) => segment(Math.floor((n - first) / PAGE)),
  };
}

/** Only the families in `shown`. */
export function filteredRows(buckets: readonly Bucket[], shown: ReadonlySet<Family>): RowMap {
  const segments: Segment[] = [];
  let row = 0;
  for (const bucket of gather(buckets, shown)) {
    segments.push({ index: segments.length, row, ...bucket });
    row += bucket.rows;
  }
  return {
    rows: row,
    segmentAt: (at) => segments[lastWhere(segments.length, (i) => (segments[i]?.row ?? 0) <= at)],
    segmentOf: (n) => segments[lastWhere(segments.length, (i) => (segments[i]?.from ?? 0) <= n)],
  };
}

type Run = Omit<Segment, 'index' | 'row'>;

/** Neighbouring buckets joined until they hold about a page, so that a rare kind costs few requests. */
function gather(buckets: readonly Bucket[], shown: ReadonlySet<Family>): Run[] {
  const runs: Run[] = [];
  for (const bucket of buckets) {
    const rows = shownIn(bucket, shown);
    if (rows === 0) continue;
    const before = runs.at(-1);
    if (before !== undefined && before.rows + rows <= PAGE) {
      runs[runs.length - 1] = { ...before, rows: before.rows + rows, to: bucket.last };
    } else {
      runs.push({ rows, from: bucket.first, to: bucket.last });
    }
  }
  return runs;
}

function shownIn(bucket: Bucket, shown: ReadonlySet<Family>): number {
  return Object.entries(bucket.kinds).reduce(
    (sum, [kind, events]) => (shown.has(familyOf(kind)) ? sum + events : sum),
    0,
  );
}
