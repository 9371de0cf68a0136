import { describe, expect, test } from 'vitest';
import type { PrintedLine } from '../../src/api/types';
import { eventsBetween, joined, startBefore } from '../../src/replay/output';

const line = (n: number, text: string, ended = true): PrintedLine => ({
  ...{ n, text, ended, stream: 'stdout', level: null },
  ...{ time_ns: n, function: 'f', file: 'a.py', line: 1 },
});
const error = (n: number, text: string, ended = true): PrintedLine => ({
  ...line(n, text, ended),
  stream: 'stderr',
});

const BUCKETS = [0, 1, 2, 3].map((i) => ({
  ...{ first: i * 10 + 1, last: i * 10 + 10, start_ns: i, end_ns: i + 1 },
  kinds: i === 2 ? { call: 10 } : { output: 4, log: 1, call: 5 },
}));

describe('pages of output', () => {
  test('go on with the line that the one before left open', () => {
    const before = [line(1, 'a'), error(2, 'b', false), line(3, 'c', false)];
    expect(joined(before, [line(5, 'd'), line(5, 'e', false)])).toEqual([
      line(1, 'a'),
      error(2, 'b', false),
      line(3, 'cd'),
      line(5, 'e', false),
    ]);
    expect(joined([], [line(1, 'a')])).toEqual([line(1, 'a')]);
  });
});

describe('where lines are looked for', () => {
  test('is counted by what printed and logged', () => {
    expect(eventsBetween(BUCKETS, 1, 40)).toBe(15);
    expect(eventsBetween(BUCKETS, 21, 30)).toBe(0);
    expect(eventsBetween(BUCKETS, 31, 30)).toBe(0);
  });

  test('is so far back that enough is shown before the cursor', () => {
    expect(startBefore(BUCKETS, 1, 35, 5)).toBe(31);
    expect(startBefore(BUCKETS, 1, 35, 6)).toBe(11);
    expect(startBefore(BUCKETS, 1, 35, 100)).toBe(1);
    expect(startBefore(BUCKETS, 15, 35, 100)).toBe(15);
  });
});
