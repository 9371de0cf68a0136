import { describe, expect, test } from 'vitest';
import type { Cell, PrintRow } from '../../src/api/types';
import { IN_ORDER, csvOf, seriesOf, sorted, suggested, turned } from '../../src/replay/prints';

const cell = (value: number | string | null): Cell => {
  if (value === null) return { problem: 'x has no value here' };
  return typeof value === 'number' ? { text: String(value), number: value } : { text: value };
};

const rows = (...values: (number | string | null)[]): PrintRow[] =>
  values.map((value, i) => ({ n: i + 1, time_ns: (i + 1) * 1e6, frame: 1, cells: [cell(value)] }));

const order = (found: readonly PrintRow[]): number[] => found.map(({ n }) => n);

describe('order', () => {
  const mixed = rows(10, 'b', null, 9, 'a');

  test('numbers come before texts, and what has no value last, either way', () => {
    expect(order(sorted(mixed, { by: 0, descending: false }))).toEqual([4, 1, 5, 2, 3]);
    expect(order(sorted(mixed, { by: 0, descending: true }))).toEqual([2, 5, 1, 4, 3]);
  });

  test('rows that are alike stay in the order of their moments', () => {
    expect(order(sorted(rows(1, 1, 1), { by: 0, descending: true }))).toEqual([1, 2, 3]);
    expect(order(sorted(mixed, { by: 'n', descending: true }))).toEqual([5, 4, 3, 2, 1]);
  });

  test('a second click on a head turns its order round', () => {
    const once = turned(IN_ORDER, 0);
    expect(once).toEqual({ by: 0, descending: false });
    expect(turned(once, 0)).toEqual({ by: 0, descending: true });
    expect(turned(turned(once, 0), 1)).toEqual({ by: 1, descending: false });
  });
});

test('a table for other programs quotes what would break its cells', () => {
  const table = csvOf(['a, b'], rows(1, "it's", 'say "x"\n', null));
  expect(table).toBe('event,ms,"a, b"\r\n1,1,1\r\n2,2,it\'s\r\n3,3,"say ""x""\n"\r\n4,4,\r\n');
});

describe('plot', () => {
  test('numbers are a line from the lowest at the foot to the highest at the top', () => {
    expect(seriesOf(rows(0, 5, 10), 100, 50)).toEqual([
      { column: 0, path: 'M0.0 50.0L50.0 25.0L100.0 0.0', low: 0, high: 10 },
    ]);
  });

  test('a few texts leave gaps, and texts with a few numbers are no plot', () => {
    expect(seriesOf(rows(1, null, 2, 3), 30, 10)[0]?.path).toBe('M0.0 10.0M20.0 5.0L30.0 0.0');
    expect(seriesOf(rows('a', 'b', 'c', 1, 2), 30, 10)).toEqual([]);
    expect(seriesOf(rows(1), 30, 10)).toEqual([]);
  });

  test('of many hits a pixel the extremes stay', () => {
    const many = rows(...Array.from({ length: 10_000 }, (_, i) => (i === 7777 ? 99 : i % 3)));
    const [series] = seriesOf(many, 100, 10);
    expect(series?.high).toBe(99);
    const points = series?.path.split(/[ML]/).slice(1) ?? [];
    expect(points.length).toBeLessThanOrEqual(400);
    expect(points.some((point) => point.endsWith(' 0.0'))).toBe(true);
  });
});

describe('the expression to begin with', () => {
  test('has the variables of the line that are known', () => {
    const line = '    total += price_of(line.product) * line.quantity  # amount';
    expect(suggested(line, ['total', 'line', 'amount', 'product'])).toBe('total, line');
  });

  test('leaves texts alone, and falls back to all names of the line', () => {
    expect(suggested("fee = amount // 10 if kind == 'total' else None", ['other'])).toBe(
      'fee, amount, kind',
    );
    expect(suggested('pass', ['x'])).toBe('');
  });
});
