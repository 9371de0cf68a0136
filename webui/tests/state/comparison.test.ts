import { describe, expect, test } from 'vitest';
import type { Comparison, Moment, ValueTree, Variable } from '../../src/api/types';
import { sentenceOf, variablePairs } from '../../src/replay/comparison';
import { formatPlace, parsePlace, type ComparisonPlace } from '../../src/replay/place';
import { ComparisonStore } from '../../src/state/comparison';
import { EVENTS, FakeDashboard, ID, settled } from '../fixture';

const PLACE: ComparisonPlace = { page: 'comparison', one: ID, other: ID, from: null };

const VALUE: Comparison = {
  same: 4,
  difference: { what: 'value', n: 5, with_n: 5, joins: { n: 6, with_n: 6 } },
  next: null,
};

function compared(...answers: Comparison[]): {
  readonly api: FakeDashboard;
  readonly store: ComparisonStore;
  readonly moves: string[];
} {
  const api = new FakeDashboard();
  api.comparisons = answers;
  const moves: string[] = [];
  const store = new ComparisonStore(PLACE, api, (place) => moves.push(formatPlace(place)));
  return { api, store, moves };
}

describe('a comparison', () => {
  test('looks on until it has found the difference, and shows what is around it', async () => {
    const { api, store } = compared(
      { same: 4, difference: null, next: { n: 5, with_n: 5 } },
      VALUE,
    );
    await settled();
    expect(api.asked.filter((asked) => asked.startsWith('diff'))).toEqual([
      'difference 1 1',
      'difference 5 5',
    ]);
    const parting = store.parting.value!;
    expect(parting.same).toBe(8);
    expect(parting.difference).toEqual(VALUE.difference);
    expect(parting.sides.map(({ moment }) => moment?.n)).toEqual([5, 5]);
    expect(parting.sides[0].events.length).toBeGreaterThan(0);
  });

  test('goes on from where both take the same steps again, and back to the first', async () => {
    const { api, store, moves } = compared(VALUE, { same: 7, difference: null, next: null }, VALUE);
    await settled();
    store.next();
    await settled();
    expect(store.parting.value).toMatchObject({ same: 7, difference: null });
    store.next();
    store.first();
    await settled();
    expect(api.asked.filter((asked) => asked.startsWith('diff'))).toEqual([
      'difference 1 1',
      'difference 6 6',
      'difference 1 1',
    ]);
    expect(moves).toEqual([
      `/compare?one=${ID}&other=${ID}&n=6&with_n=6`,
      `/compare?one=${ID}&other=${ID}`,
    ]);
  });

  test('that is over shows no moment that is not there', async () => {
    const difference = { what: 'end', n: null, with_n: 9, joins: null } as const;
    const { store } = compared({ same: 12, difference, next: null });
    await settled();
    const [mine, theirs] = store.parting.value!.sides;
    expect(mine.moment).toBeNull();
    expect(mine.events.at(-1)?.n).toBe(EVENTS.length);
    expect(theirs.moment?.n).toBe(9);
  });

  test('that nobody waits for any more is forgotten', async () => {
    const { store } = compared(VALUE);
    store.close();
    await settled();
    expect(store.parting.value).toBeNull();
  });

  test('of a session that is not there says so', async () => {
    const { store } = compared();
    await settled();
    expect(store.problem.value).toMatchObject({ status: 404 });
  });
});

test('a comparison is kept in its address', () => {
  for (const from of [null, { n: 6, with_n: 9 }]) {
    const place = { ...PLACE, from };
    const [path = '', search = ''] = formatPlace(place).split('?');
    expect(parsePlace(path, `?${search}`)).toEqual(place);
  }
});

describe('variables side by side', () => {
  const moment = (variables: Readonly<Record<string, ValueTree>>): Moment =>
    ({
      variables: Object.entries(variables).map(([name, tree]): Variable => {
        const line = {
          n: 1,
          line: 1,
          last_change: 1,
          changed: false,
          previous: null,
          since: null,
          value: null,
        };
        return { name, tree, text: tree.text, ...line };
      }),
    }) as unknown as Moment;
  const number = (text: string): ValueTree => ({ text, type: 'builtins.int' });
  const list = (id: number, item: string): ValueTree => ({
    text: '[…]',
    type: 'builtins.list',
    id,
    size: 1,
    children: [{ name: '0', tree: number(item) }],
  });

  test('those that differ come first, and objects are compared by what they hold', () => {
    const one = moment({ a: number('1'), b: list(7, '1'), c: list(7, '1'), d: number('4') });
    const other = moment({ a: number('1'), b: list(8, '1'), c: list(8, '2'), e: number('5') });
    expect(variablePairs(one, other).map(({ name, same }) => `${name} ${same}`)).toEqual([
      'c false',
      'd false',
      'e false',
      'a true',
      'b true',
    ]);
    expect(variablePairs(one, null)[0]).toEqual({ name: 'a', one: '1', other: null, same: false });
  });
});

test('what was found is told in a sentence', () => {
  expect(sentenceOf(VALUE, 4, true)).toBe(
    'The first 4 events say the same. Then the same step tells another value.',
  );
  expect(sentenceOf({ difference: null }, 12, true)).toBe('All 12 events say the same.');
  expect(sentenceOf({ difference: null }, 3, false)).toBe(
    'The next 3 events say the same. Then both end.',
  );
  const ended = { what: 'end', n: null, with_n: 3, joins: null } as const;
  expect(sentenceOf({ difference: ended }, 0, true)).toBe('The first session has no more events.');
});
