import { describe, expect, test } from 'vitest';
import { functionAround } from '../../src/replay/blocks';
import { iterationPlace } from '../../src/replay/loops';
import { wordsOf } from '../../src/replay/words';
import { event } from '../fixture';

const SOURCE = `\
def run(rows):
    total = 0
    for row in rows:
        for cell in row:
            total += cell
        total += 1
    return total

class Cart:
    def run(self):
        return [x for x in
                self.rows]
`.split('\n');

/** Two rows of two and of three cells: a loop event and one in its body each. */
const EVENTS = [
  [3, 'loop'],
  [4, 'loop'],
  [5, 'variable'],
  [4, 'loop'],
  [5, 'variable'],
  [6, 'variable'],
  [3, 'loop'],
  [4, 'loop'],
  [4, 'loop'],
  [4, 'loop'],
  [6, 'variable'],
].map(([line, kind], i) => event({ n: i + 10, line: line as number, kind: kind as string }));

const place = (line: number, n: number): ReturnType<typeof iterationPlace> =>
  iterationPlace(EVENTS, SOURCE, line, n);

describe('iterations', () => {
  test('are those of the innermost loop around the line', () => {
    expect(place(5, 14)).toEqual({ line: 4, at: 2, count: 2, previous: 11, next: null });
    expect(place(6, 15)).toEqual({ line: 3, at: 1, count: 2, previous: null, next: 16 });
  });

  test('an inner loop begins anew with each round of the outer one', () => {
    expect(place(4, 18)).toEqual({ line: 4, at: 2, count: 3, previous: 17, next: 19 });
  });

  test('at the head of a loop that has not begun again the outer one counts', () => {
    expect(place(4, 16)).toMatchObject({ line: 3, at: 2 });
  });

  test('there are none outside of loops', () => {
    expect(place(7, 20)).toBeNull();
    expect(iterationPlace([], SOURCE, 5, 14)).toBeNull();
  });
});

describe('the function around a line', () => {
  test('is found by its name and its indentation', () => {
    expect(functionAround(SOURCE, 5, 'run')).toEqual({ from: 1, to: 7 });
    expect(functionAround(SOURCE, 12, 'Cart.run')).toEqual({ from: 10, to: 12 });
    expect(functionAround(SOURCE, 1, 'run')).toEqual({ from: 1, to: 7 });
  });

  test('is the file for a module, and the line alone where it is not known', () => {
    expect(functionAround(SOURCE, 5, '<module>')).toEqual({ from: 1, to: SOURCE.length });
    expect(functionAround(SOURCE, 5, 'run.<locals>.<lambda>')).toEqual({ from: 5, to: 5 });
  });
});

test('names of variables are cut out of code, and attributes are no names', () => {
  const words = wordsOf(
    'total = row.total + row2',
    new Map([
      ['total', '3'],
      ['row', '[]'],
    ]),
  );
  expect(words).toEqual([
    { text: 'total', value: '3' },
    { text: ' = ', value: null },
    { text: 'row', value: '[]' },
    { text: '.total + row2', value: null },
  ]);
});
