import { describe, expect, test } from 'vitest';
import type { Session } from '../../src/api/types';
import {
  EMPTY_LISTING,
  MANY,
  arranged,
  extended,
  rates,
  refreshed,
  released,
} from '../../src/replay/sessions';
import { session } from '../fixture';

const at = (id: string, second: number, fields: Partial<Session> = {}): Session =>
  session({ id, start: `2026-01-31T12:00:${String(second).padStart(2, '0')}Z`, ...fields });

const [a, b, c] = [at('a', 1), at('b', 2), at('c', 3)];
const ids = (sessions: readonly Session[]): string[] => sessions.map(({ id }) => id);

describe('the list while it fills', () => {
  const before = { shown: [b, a], waiting: [] };

  test('new sessions appear at once at the top of an untouched list', () => {
    const after = refreshed(before, [c, b, a], { whole: true, settle: true });
    expect(ids(after.shown)).toEqual(['c', 'b', 'a']);
  });

  test('else they wait above, until they are asked for', () => {
    const after = refreshed(before, [c, b, a], { whole: true, settle: false });
    expect(ids(after.shown)).toEqual(['b', 'a']);
    expect(ids(after.waiting)).toEqual(['c']);
    expect(ids(released(after).shown)).toEqual(['c', 'b', 'a']);
  });

  test('rows that are shown are brought up to date', () => {
    const after = refreshed(before, [{ ...b, events: 99 }, a], { whole: true, settle: false });
    expect(after.shown[0]?.events).toBe(99);
  });

  test('what no longer matches goes, what was not asked for stays', () => {
    const newest = { whole: false, settle: true };
    expect(ids(refreshed({ shown: [c, b, a], waiting: [] }, [c], newest).shown)).toEqual([
      'c',
      'b',
      'a',
    ]);
    expect(ids(refreshed({ shown: [c, b, a], waiting: [] }, [c, a], newest).shown)).toEqual([
      'c',
      'a',
    ]);
    expect(refreshed(before, [], { whole: true, settle: true }).shown).toEqual([]);
  });

  test('older ones come behind, none of them twice', () => {
    expect(ids(extended({ shown: [c, b], waiting: [] }, [b, a]).shown)).toEqual(['c', 'b', 'a']);
    expect(extended(EMPTY_LISTING, []).shown).toEqual([]);
  });
});

describe('sessions within sessions', () => {
  const child = (id: string, second: number): Session => at(id, second, { parent: 'a' });
  const rowsOf = (list: readonly Session[], turned = new Set<string>()): [string, number][] =>
    arranged(list, turned).map(({ session: { id }, level }) => [id, level]);

  test('stand below their parent, in the order in which they began', () => {
    expect(rowsOf([c, child('y', 5), child('x', 4), a])).toEqual([
      ['c', 0],
      ['a', 0],
      ['x', 1],
      ['y', 1],
    ]);
  });

  test('stand by themselves where the parent is not in the list', () => {
    expect(rowsOf([child('x', 4)])).toEqual([['x', 0]]);
  });

  test('many of them are folded until someone unfolds them', () => {
    const many = Array.from({ length: MANY + 1 }, (_, i) => child(`x${i}`, i));
    expect(rowsOf([...many, a])).toHaveLength(1);
    expect(rowsOf([...many, a], new Set(['a']))).toHaveLength(MANY + 2);
  });
});

test('the rate of a running session is what came since the last reading', () => {
  const running = at('r', 1, { status: 'running', events: 500 });
  const found = rates(
    new Map([
      ['r', 100],
      ['a', 1],
    ]),
    [running, a],
    2000,
  );
  expect([...found]).toEqual([['r', 200]]);
});
