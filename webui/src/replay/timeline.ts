/**
 * The whole session on one strip: where an event, an instant or a call lies, and what lies at a place.
 *
 * A place is a fraction, 0 to 1, of the strip. By time, a second is as wide as another; by event, an
 * event is: then a long sleep takes no room and a busy millisecond can be scrubbed through.
 */
import type { Bucket, Span, Timeline } from '../api/types';
import { FAMILIES, countFamilies, type Family } from './kinds';
import { lastWhere, type SpanIndex } from './jumps';

export type Axis = 'time' | 'events';

export const EMPTY_TIMELINE: Timeline = {
  first: 0,
  last: 0,
  duration_ns: 0,
  buckets: [],
  spans: [],
  exceptions: [],
  notes: [],
  marks: [],
  spans_complete: true,
};

/** The most exceptions that a timeline names. */
const MOST_EXCEPTIONS = 500;

/** Whether all exceptions of the session are in its timeline, and not only some of them. */
export function knowsExceptions(timeline: Timeline): boolean {
  return timeline.spans_complete && timeline.exceptions.length < MOST_EXCEPTIONS;
}

/** How many events of that kind there are. */
export function totalOf(timeline: Timeline, kind: string): number {
  return timeline.buckets.reduce((sum, { kinds }) => sum + (kinds[kind] ?? 0), 0);
}

/** When event `n` happened, ns since the session's start: exact at a bucket's ends, estimated between. */
export function timeOf(timeline: Timeline, n: number): number {
  const bucket = bucketWhere(timeline, (b) => b.first <= n);
  if (bucket === undefined) return 0;
  const share = (n - bucket.first) / Math.max(1, bucket.last - bucket.first);
  return bucket.start_ns + Math.min(1, Math.max(0, share)) * (bucket.end_ns - bucket.start_ns);
}

/** The event that was the latest at `time`, the opposite of `timeOf`. */
export function eventAt(timeline: Timeline, time: number): number {
  const bucket = bucketWhere(timeline, (b) => b.start_ns <= time);
  if (bucket === undefined) return timeline.first;
  const share = (time - bucket.start_ns) / Math.max(1, bucket.end_ns - bucket.start_ns);
  return Math.round(bucket.first + Math.min(1, Math.max(0, share)) * (bucket.last - bucket.first));
}

/** Where event `n` lies; `time` is its exact time where that is known. */
export function placeOf(timeline: Timeline, axis: Axis, n: number, time?: number): number {
  if (axis === 'events') return share(n - timeline.first, timeline.last - timeline.first);
  return share(time ?? timeOf(timeline, n), timeline.duration_ns);
}

/** Which event lies at a place. */
export function eventAtPlace(timeline: Timeline, axis: Axis, place: number): number {
  const at = Math.min(1, Math.max(0, place));
  if (axis === 'time') return eventAt(timeline, at * timeline.duration_ns);
  return Math.round(timeline.first + at * (timeline.last - timeline.first));
}

export interface Extent {
  readonly from: number;
  readonly to: number;
}

export function extentOf(timeline: Timeline, axis: Axis, span: Span | Bucket): Extent {
  return {
    from: placeOf(timeline, axis, span.first, span.start_ns),
    to: placeOf(timeline, axis, span.last, span.end_ns),
  };
}

/** The call of that depth at a place, if there is one. */
export function spanAtPlace(
  timeline: Timeline,
  index: SpanIndex,
  axis: Axis,
  place: number,
  depth: number,
): Span | undefined {
  const lane = index.lane(depth);
  const begins = (i: number): number => {
    const span = lane[i];
    return span === undefined ? Infinity : extentOf(timeline, axis, span).from;
  };
  const span = lane[lastWhere(lane.length, (i) => begins(i) <= place)];
  return span !== undefined && extentOf(timeline, axis, span).to >= place ? span : undefined;
}

export interface Column extends Extent {
  /** Families from the bottom up, each with its share of the column's height. */
  readonly parts: readonly { readonly family: Family; readonly share: number }[];
  /** Height, 0 to 1, by the logarithm of the bucket's events. */
  readonly height: number;
}

/**
 * How much of which kind happened where: one column a bucket.
 *
 * @param whole the session's timeline, where this is one of a part of it.
 */
export function columns(timeline: Timeline, axis: Axis, whole = timeline): Column[] {
  const size = (b: Bucket): number => Object.values(b.kinds).reduce((sum, n) => sum + n, 0);
  const most = Math.max(1, ...timeline.buckets.map(size));
  return timeline.buckets.map((bucket) => {
    const [events, counts] = [size(bucket), countFamilies(bucket.kinds)];
    const parts = FAMILIES.flatMap((family) => {
      const found = counts.get(family) ?? 0;
      return found === 0 ? [] : [{ family, share: found / events }];
    });
    const height = Math.log1p(events) / Math.log1p(most);
    return { ...extentOf(whole, axis, bucket), parts, height };
  });
}

export interface AxisTick {
  readonly place: number;
  readonly value: number;
}

/** Round values along the strip, at most one every `gap` pixels. */
export function axisTicks(from: number, to: number, width: number, gap: number): AxisTick[] {
  const range = to - from;
  if (range <= 0 || width <= 0) return [];
  const step = roundStep((range * gap) / width);
  const ticks: AxisTick[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i += 1) {
    ticks.push({ place: (i * step - from) / range, value: i * step });
  }
  return ticks;
}

/** The smallest of 1, 2 or 5 times a power of ten that is no less than `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((f) => f * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function bucketWhere(timeline: Timeline, holds: (bucket: Bucket) => boolean): Bucket | undefined {
  const { buckets } = timeline;
  const at = lastWhere(buckets.length, (i) => {
    const bucket = buckets[i];
    return bucket !== undefined && holds(bucket);
  });
  return buckets[Math.max(0, at)];
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}
