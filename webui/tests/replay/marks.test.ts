import { describe, expect, test } from 'vitest';
import type { TimelineMark } from '../../src/api/types';
import { MARK_KINDS, markBetween, marked, marksOf } from '../../src/replay/marks';
import { placeOf } from '../../src/replay/timeline';
import { TIMELINE } from '../recorded';

const mark = (n: number, text: string): TimelineMark => ({ n, time_ns: n * 1000, text });

describe('marks', () => {
  const timeline = { ...TIMELINE, exceptions: [mark(10, 'KeyError')], notes: [mark(4, 'user: 7')] };
  const marks = MARK_KINDS.flatMap((kind) => marksOf(timeline, kind));
  const near = (from: number, to: number): string | undefined =>
    markBetween(marks, TIMELINE, 'events', { from, to })?.text;

  test('are met where they lie, and nowhere else', () => {
    const [note, error] = [4, 10].map((n) => placeOf(TIMELINE, 'events', n)) as [number, number];
    expect(near(note - 0.01, note + 0.02)).toBe('user: 7');
    expect(near(error - 0.01, error + 0.01)).toBe('KeyError');
    expect(near(0, 1)).toBe('user: 7');
    expect(near(note + 0.02, note + 0.04)).toBeUndefined();
    expect(markBetween([], TIMELINE, 'time', { from: 0, to: 0.1 })).toBeNull();
  });

  test('of what happened too often stand for a bucket', () => {
    const bucket = { first: 1, last: 9, start_ns: 0, end_ns: 100, kinds: { output: 3, call: 6 } };
    const often = { ...TIMELINE, buckets: [bucket], marks: [] };
    expect(marked(often)).toEqual([{ kind: 'output', events: 3 }]);
    expect(marksOf(often, 'output')).toEqual([
      {
        n: 5,
        time_ns: 50,
        text: '3 events of output',
        kind: 'output',
        within: { first: 1, last: 9 },
      },
    ]);
    const told = [1, 5, 9].map((n) => ({ ...mark(n, 'stdout: x'), kind: 'output' }));
    expect(marksOf({ ...often, marks: told }, 'output')).toEqual(told);
  });
});
