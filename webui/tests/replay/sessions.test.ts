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
  type Listing,
} from '../../src/replay/sessions';
import { session } from '../fixture';

const at = (id: string, second: number, fields: Partial<Session> = {}): Session =>
  session({ id, start: `2026-01-31T12:00:${String(second).padStart(2, '0')}Z`, ...fields });

const [a, b, c] = [at('a', 1), at('b', 2), at('c', 3)];
const ids = (sessions: readonly Session[]): string[] => sessions.map(({ id }) => id);

describe('the list while it fills', () => {
  const listing = (...shown: Session[]): Listing => ({
    ...EMPTY_LISTING,
    shown,
    total: shown.length,
  });
  const before = listing(b, a);

  test('new sessions appear at once at the top of an untouched list', () => {
    const after = refreshed(before, [c, b, a], { total: 3, settle: true });
    expect(ids(after.shown)).toEqual(['c', 'b', 'a']);
  });

  test('else they wait above, until they are asked for', () => {
    const after = refreshed(before, [c, b, a], { total: 3, settle: false });
    expect(ids(after.shown)).toEqual(['b', 'a']);
    expect(ids(after.waiting)).toEqual(['c']);
    expect(ids(released(after).shown)).toEqual(['c', 'b', 'a']);
  });

  test('rows that are shown are brought up to date', () => {
    const after = refreshed(before, [{ ...b, events: 99 }, a], { total: 2, settle: false });
    expect(after.shown[0]?.events).toBe(99);
  });

  test('what no longer matches goes, what was not asked for stays', () => {
    const newest = { total: 3, settle: true };
    expect(ids(refreshed(listing(c, b, a), [c], newest).shown)).toEqual(['c', 'b', 'a']);
    expect(ids(refreshed(listing(c, b, a), [c, a], newest).shown)).toEqual(['c', 'a']);
    expect(refreshed(before, [], { total: 0, settle: true }).shown).toEqual([]);
  });

  test('where more came at once than are read, all are counted and none is left out between', () => {
    const newest = Array.from({ length: 4 }, (_, i) => at(`n${i}`, 50 - i));
    let now = refreshed(before, newest, { total: 1002, settle: false });
    expect([now.above, now.waiting.length, ids(now.shown)]).toEqual([1000, 4, ['b', 'a']]);
    now = refreshed(now, [at('later', 55), ...newest.slice(0, 3)], { total: 1003, settle: false });
    expect(now.above).toBe(1001);
    // What was shown lies a thousand sessions further down now, and is read when it is reached.
    expect(ids(released(now).shown)).toEqual(['later', 'n0', 'n1', 'n2']);
    expect(released(now).above).toBe(0);
    const settled = refreshed(before, newest, { total: 1002, settle: true });
    expect(ids(settled.shown)).toEqual(['n0', 'n1', 'n2', 'n3']);
  });

  test('where just as many came as are read, nothing lies between', () => {
    const now = refreshed(before, [c], { total: 3, settle: false });
    expect(ids(released(now).shown)).toEqual(['c', 'b', 'a']);
  });

  test('older ones come behind, none of them twice', () => {
    expect(ids(extended(listing(c, b), [b, a]).shown)).toEqual(['c', 'b', 'a']);
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

  test('are called by what triggered them, where their name is that of the one around them', () => {
    const named = { name: 'the run', trigger: 'app.py' };
    const list = [
      at('a', 1, named),
      at('x', 4, { parent: 'a', name: 'the run', trigger: 'GET /cart' }),
      at('y', 5, { parent: 'a', name: 'its own', trigger: 'GET /' }),
      at('b', 0, { name: null, trigger: 'job.py' }),
    ];
    const titles = arranged(list.toReversed(), new Set()).map(({ title }) => title);
    expect(titles.toSorted()).toEqual(['GET /cart', 'its own', 'job.py', 'the run']);
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
