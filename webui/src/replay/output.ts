/** Lines that were printed or logged: where they are to be looked for, and how pages of them are joined. */
import type { Bucket, PrintedLine } from '../api/types';

export const STREAMS = ['stdout', 'stderr', 'log'] as const;

export type Stream = (typeof STREAMS)[number];

/** Kinds of events that write lines. */
const WRITING = ['output', 'log'];

/** How many events that write lines the buckets between two events hold; what a bucket holds counts whole. */
export function eventsBetween(buckets: readonly Bucket[], from: number, to: number): number {
  if (to < from) return 0;
  return buckets.reduce(
    (sum, bucket) => (bucket.last < from || bucket.first > to ? sum : sum + written(bucket)),
    0,
  );
}

/** An event before `n`, such that about `enough` events between the two write lines. */
export function startBefore(
  buckets: readonly Bucket[],
  first: number,
  n: number,
  enough: number,
): number {
  let events = 0;
  for (const bucket of buckets.filter((one) => one.first <= n).reverse()) {
    if (bucket.last < first) break;
    events += written(bucket);
    if (events >= enough) return Math.max(first, bucket.first);
  }
  return first;
}

/** A page behind the lines before it: it goes on with those whose end was not written yet. */
export function joined(
  lines: readonly PrintedLine[],
  page: readonly PrintedLine[],
): readonly PrintedLine[] {
  const open = new Map(lines.filter((line) => !line.ended).map((line) => [line.stream, line]));
  const going = page.map((line) => {
    const begun = open.get(line.stream);
    if (begun === undefined) return line;
    open.delete(line.stream);
    return { ...begun, text: begun.text + line.text, ended: line.ended };
  });
  const goesOn = new Set(going.map(({ stream }) => stream));
  return [...lines.filter((line) => line.ended || !goesOn.has(line.stream)), ...going];
}

function written({ kinds }: Bucket): number {
  return WRITING.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0);
}
