import { describe, expect, test } from 'vitest';
import { SpanIndex, lastWhere, nearest, type Ground } from '../../src/replay/jumps';
import { EVENTS, TIMELINE, span } from '../fixture';

const index = new SpanIndex(TIMELINE.spans);

function ground(known: (n: number) => boolean = () => true): Ground {
  return {
    first: 1,
    last: 12,
    depthOf: (n) => (known(n) ? EVENTS[n - 1]?.depth : undefined),
    around: (n, depth) => index.around(n, depth),
  };
}

describe('step over and out', () => {
  test('over a call, forward and back', () => {
    expect(nearest({ from: 2, direction: 1, depth: 1 }, ground())).toEqual({ found: 7 });
    expect(nearest({ from: 7, direction: -1, depth: 1 }, ground())).toEqual({ found: 2 });
  });

  test('out of a frame', () => {
    expect(nearest({ from: 4, direction: 1, depth: 1 }, ground())).toEqual({ found: 7 });
    expect(nearest({ from: 4, direction: -1, depth: 1 }, ground())).toEqual({ found: 2 });
  });

  test('out of the outermost frame there is nothing', () => {
    expect(nearest({ from: 2, direction: 1, depth: 0 }, ground())).toEqual({ found: null });
  });

  test('a known call is skipped whole: its events need not be loaded', () => {
    const edges = ground((n) => ![4, 5, 6].includes(n));
    expect(nearest({ from: 2, direction: 1, depth: 1 }, edges)).toEqual({ found: 7 });
  });

  test('says which event it must know first', () => {
    const little = ground((n) => n < 3);
    expect(nearest({ from: 2, direction: 1, depth: 1 }, little)).toEqual({ need: 3 });
  });

  test('walks where no span is known', () => {
    const bare: Ground = { ...ground(), around: () => undefined };
    expect(nearest({ from: 2, direction: 1, depth: 1 }, bare)).toEqual({ found: 7 });
  });
});

describe('the span index', () => {
  test('finds the call of a depth that holds an event', () => {
    expect(index.around(9, 2)?.frame).toBe(8);
    expect(index.around(7, 2)).toBeUndefined();
    expect(index.around(7, 9)).toBeUndefined();
  });

  test('knows how deep calls went', () => {
    expect(index.depths).toBe(2);
    expect(new SpanIndex([]).depths).toBe(0);
  });

  test('does not mind the order in which spans come', () => {
    const mixed = new SpanIndex([
      span({ first: 9, last: 9, frame: 9 }),
      span({ first: 1, last: 2 }),
    ]);
    expect(mixed.around(9, 1)?.frame).toBe(9);
  });
});

test('lastWhere is -1 where nothing holds', () => {
  expect(lastWhere(5, () => false)).toBe(-1);
  expect(lastWhere(5, (i) => i < 3)).toBe(2);
  expect(lastWhere(0, () => true)).toBe(-1);
});
