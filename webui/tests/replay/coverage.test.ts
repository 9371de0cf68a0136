import { describe, expect, test } from 'vitest';
import { NO_COVERAGE, coverageOf } from '../../src/replay/coverage';
import { event } from '../fixture';

const SOURCE = `\
def discount(
    order, code
):
    seen = set()
    for line in order:
        if code in seen:
            continue
        elif line > 1:
            seen.add(code)
        else:
            pass
    try:
        pay()
    except KeyError:

        log()
    while seen:
        seen.pop()
    def inner():
        if 1:
            x = 2
    return order

other()
`.split('\n');

const ALL = new Set(['branch', 'loop', 'handled']);
const call = event({ kind: 'call', function: 'discount', line: 1, name: null });
const branch = (line: number, text: string): typeof call =>
  event({ kind: 'branch', line, text, name: 'test' });
const loop = event({ kind: 'loop', line: 5, name: null });

describe('what one call made of its function', () => {
  test('a line ran as often as the busiest of its probes', () => {
    const writes = ['a', 'b', 'a'].map((name) => event({ line: 4, name }));
    const { counts } = coverageOf([call, ...writes, loop, loop, loop], SOURCE, ALL);
    expect([...counts]).toEqual([
      [4, 2],
      [5, 3],
    ]);
  });

  test('blocks that nothing led into are cold', () => {
    const events = [call, loop, branch(6, 'False'), branch(8, 'True')];
    const { cold } = coverageOf(events, SOURCE, ALL);
    expect([...cold]).toEqual([7, 10, 11, 15, 16, 18]);
  });

  test('an elif that was never come to is cold with its header', () => {
    const { cold } = coverageOf([call, loop, branch(6, 'True')], SOURCE, ALL);
    expect([...cold].filter((line) => line > 5 && line < 12)).toEqual([8, 9, 10, 11]);
  });

  test('a loop without an iteration is cold inside', () => {
    const { cold } = coverageOf([call], SOURCE, ALL);
    expect(cold.has(5)).toBe(false);
    expect([6, 7, 8, 9, 10, 11].every((line) => cold.has(line))).toBe(true);
  });

  test('what was handled is warm', () => {
    const handled = event({ kind: 'handled', line: 14 });
    expect(coverageOf([call, handled], SOURCE, ALL).cold.has(16)).toBe(false);
  });

  test('what was not recorded proves nothing', () => {
    expect(coverageOf([call], SOURCE, new Set()).cold.size).toBe(0);
  });

  test('other functions are not judged, nor are inner ones', () => {
    const { cold } = coverageOf([call], SOURCE, ALL);
    expect([20, 21, 22, 24].some((line) => cold.has(line))).toBe(false);
  });

  test('of a module, its own blocks are judged', () => {
    const module = event({ kind: 'call', function: '<module>', line: 1 });
    const lines = ['if debug:', '    trace()', 'for x in y: go()', 'z = 1'];
    const { cold } = coverageOf([module, branch(1, 'False')], lines, ALL);
    expect([...cold]).toEqual([2]);
  });

  test('nothing is known of a call without events', () => {
    expect(coverageOf([], SOURCE, ALL)).toBe(NO_COVERAGE);
  });
});
