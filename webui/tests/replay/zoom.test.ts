import { describe, expect, test } from 'vitest';
import { formatRange, isWithin, parseRange } from '../../src/replay/range';
import {
  WHOLE,
  around,
  holding,
  isWhole,
  panned,
  placeOfShare,
  shareOf,
  zoomed,
} from '../../src/replay/zoom';

describe('the part that is seen', () => {
  test('what lies under the pointer stays there', () => {
    const closer = zoomed(WHOLE, 0.25, 0.5);
    expect(closer).toEqual({ from: 0.125, to: 0.625 });
    expect(placeOfShare(closer, 0.25)).toBeCloseTo(0.25);
    expect(zoomed(closer, 0.25, 2)).toEqual(WHOLE);
  });

  test('never leaves the session, nor becomes nothing', () => {
    expect(zoomed({ from: 0, to: 0.5 }, 0, 10)).toEqual(WHOLE);
    const least = zoomed(WHOLE, 1, 1e-12);
    expect(least.to).toBeCloseTo(1);
    expect(least.to - least.from).toBeCloseTo(1e-7, 10);
    expect(panned({ from: 0.2, to: 0.4 }, -5)).toMatchObject({ from: 0 });
    expect(panned({ from: 0.2, to: 0.4 }, 50).to).toBeCloseTo(1);
  });

  test('goes along with the cursor, and stays where that is in sight', () => {
    const view = { from: 0.2, to: 0.4 };
    expect(holding(view, 0.3)).toBe(view);
    const moved = holding(view, 0.7);
    expect([moved.from, moved.to]).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
  });

  test('of a range has room at its sides', () => {
    const view = around(0.5, 0.6);
    expect(view.from).toBeLessThan(0.5);
    expect(view.to).toBeGreaterThan(0.6);
    expect(isWhole(around(0, 1))).toBe(true);
    expect(isWhole(view)).toBe(false);
  });

  test('places and shares are opposites', () => {
    const view = { from: 0.3, to: 0.35 };
    expect(placeOfShare(view, shareOf(view, 0.31))).toBeCloseTo(0.31);
  });
});

describe('a range of events', () => {
  test('in an address is what it was', () => {
    expect(parseRange(formatRange({ first: 58, last: 66 }))).toEqual({ first: 58, last: 66 });
    for (const text of [null, '', '5', '6-5', 'a-b', '1-2-3']) expect(parseRange(text)).toBeNull();
  });

  test('holds its ends, and everything where there is none', () => {
    const range = { first: 2, last: 4 };
    expect([1, 2, 4, 5].map((n) => isWithin(range, n))).toEqual([false, true, true, false]);
    expect(isWithin(null, 7)).toBe(true);
  });
});
