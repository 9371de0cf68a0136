import { describe, expect, test } from 'vitest';
import {
  TALLEST,
  isScaled,
  reveal,
  scrollFor,
  spacerHeight,
  topRow,
  visibleRows,
} from '../../src/replay/virtual';

const list = { rows: 1000, rowHeight: 20, viewport: 400 };
const huge = { rows: 5_000_000, rowHeight: 20, viewport: 400 };

describe('a list of which only the visible rows exist', () => {
  test('scrolls a row by its height', () => {
    expect(spacerHeight(list)).toBe(20_000);
    expect(topRow(list, 200)).toBe(10);
    expect(scrollFor(list, 10)).toBe(200);
    expect(visibleRows(list, 10)).toEqual({ from: 10, to: 31 });
  });

  test('never asks for rows that are not there', () => {
    expect(visibleRows(list, 980)).toEqual({ from: 980, to: 1000 });
    expect(visibleRows({ ...list, rows: 3 }, 0)).toEqual({ from: 0, to: 3 });
    expect(topRow({ ...list, rows: 3 }, 50)).toBe(0);
  });

  test('above the height that browsers allow, the bar is in scale', () => {
    expect(isScaled(huge)).toBe(true);
    expect(spacerHeight(huge)).toBe(TALLEST);
    expect(topRow(huge, scrollFor(huge, 2_500_000))).toBeCloseTo(2_500_000, 3);
    expect(topRow(huge, TALLEST)).toBe(huge.rows - 20);
  });
});

describe('bringing a row into view', () => {
  test('leaves the list alone while the row is in view', () => {
    expect(reveal(list, 100, 110)).toBe(100);
  });

  test('moves as little as needed to a row nearby', () => {
    expect(reveal(list, 100, 120)).toBe(107);
    expect(reveal(list, 100, 99)).toBe(93);
  });

  test('puts a row from far away in the middle', () => {
    expect(reveal(list, 0, 500)).toBe(490);
  });

  test('stays within the list', () => {
    expect(reveal(list, 500, 0)).toBe(0);
    expect(reveal(list, 0, 999)).toBe(980);
  });
});
