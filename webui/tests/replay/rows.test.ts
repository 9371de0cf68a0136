import { describe, expect, test } from 'vitest';
import { Pages } from '../../src/replay/pages';
import { PAGE, filteredRows, wholeRows } from '../../src/replay/rows';

describe('rows of every event', () => {
  const map = wholeRows(11, 1_000_010);

  test('a row is an event number', () => {
    expect(map.rows).toBe(1_000_000);
    expect(map.segmentAt(0)).toMatchObject({ row: 0, from: 11, to: 10 + PAGE });
    expect(map.segmentOf(11 + PAGE)).toMatchObject({ row: PAGE, from: 11 + PAGE });
  });

  test('the last page is as long as what is left', () => {
    expect(wholeRows(1, PAGE + 3).segmentAt(PAGE)).toMatchObject({ rows: 3, to: PAGE + 3 });
  });

  test('a session without events has no rows', () => {
    expect(wholeRows(1, 0).rows).toBe(0);
    expect(wholeRows(0, 0).segmentAt(0)).toBeUndefined();
  });
});

describe('rows of some kinds', () => {
  const bucket = (
    first: number,
    kinds: Record<string, number>,
  ): Parameters<typeof filteredRows>[0][0] => ({
    first,
    last: first + 99,
    start_ns: 0,
    end_ns: 0,
    kinds,
  });
  const buckets = [
    bucket(1, { call: 60, variable: 40 }),
    bucket(101, { variable: 100 }),
    bucket(201, { call: 50, branch: 50 }),
    bucket(301, { call: 99, loop: 1 }),
  ];

  test('are counted by the buckets, before any is read', () => {
    expect(filteredRows(buckets, new Set(['call'])).rows).toBe(209);
  });

  test('buckets are joined to pages, and those without any are passed over', () => {
    const map = filteredRows(buckets, new Set(['call']));
    expect(map.segmentAt(0)).toMatchObject({ rows: 110, from: 1, to: 300 });
    expect(map.segmentAt(110)).toMatchObject({ index: 1, from: 301, to: 400 });
    expect(map.segmentOf(350)).toMatchObject({ index: 1 });
  });

  test('nothing shown is no rows', () => {
    const map = filteredRows(buckets, new Set(['exception']));
    expect(map.rows).toBe(0);
    expect(map.segmentOf(5)).toBeUndefined();
  });
});

describe('pages', () => {
  const segment = (index: number, to = 10): Parameters<Pages<string>['put']>[0] => ({
    index,
    row: 0,
    rows: 10,
    from: 1,
    to,
  });

  test('the least recently used one is forgotten', () => {
    const pages = new Pages<string>(2);
    pages.put(segment(0), ['a']);
    pages.put(segment(1), ['b']);
    pages.get(segment(0));
    pages.put(segment(2), ['c']);
    expect(pages.get(segment(0))).toEqual(['a']);
    expect(pages.lacks(segment(1))).toBe(true);
  });

  test('a page that has grown is shown as it was and read again', () => {
    const pages = new Pages<string>(2);
    pages.put(segment(0, 10), ['a']);
    expect(pages.get(segment(0, 20))).toEqual(['a']);
    expect(pages.lacks(segment(0, 20))).toBe(true);
    expect(pages.lacks(segment(0, 10))).toBe(false);
  });

  test('a page of another range is not taken for it', () => {
    const pages = new Pages<string>(2);
    pages.put(segment(0), ['a']);
    expect(pages.get({ ...segment(0), from: 5 })).toBeUndefined();
  });
});
