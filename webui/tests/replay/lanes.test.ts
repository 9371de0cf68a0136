import { describe, expect, test } from 'vitest';
import { lanesOf, microseconds, within } from '../../src/replay/lanes';
import { session } from '../recorded';

const at = (fraction: string): string => `2026-01-31T12:00:00.${fraction}Z`;
const SECOND = Date.parse('2026-01-31T12:00:00Z') * 1000;

const parent = { ...session(), id: 'a', start: at('000100'), duration_ns: 1_000_000 };
const child = { ...parent, id: 'b', parent: 'a', start: at('000350'), duration_ns: 250_000 };
const running = { ...parent, id: 'c', parent: 'b', start: at('000600'), duration_ns: null };

describe('lanes', () => {
  test('lie where their sessions ran, children below their parents', () => {
    const { lanes, start, end } = lanesOf([parent, child, running], SECOND + 900);
    expect([start - SECOND, end - SECOND]).toEqual([100, 1100]);
    expect(lanes.map(({ level, from, to }) => [level, from, to])).toEqual([
      [0, 0, 1],
      [1, 0.25, 0.5],
      [2, 0.5, 0.8],
    ]);
  });

  test('a session whose parent is not in the family has no level', () => {
    expect(lanesOf([child], SECOND).lanes.map(({ level }) => level)).toEqual([0]);
  });

  test('tell microseconds apart', () => {
    expect(microseconds(at('123456')) - SECOND).toBe(123_456);
    expect(microseconds('2026-01-31T12:00:00Z')).toBe(SECOND);
  });

  test('lead into a session, at its ends from outside', () => {
    expect(within(child, SECOND + 400)).toBe(50_000);
    expect(within(child, SECOND + 10)).toBe(0);
    expect(within(child, SECOND + 5000)).toBe(250_000);
  });
});
