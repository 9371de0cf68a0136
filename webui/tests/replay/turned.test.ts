import { expect, test } from 'vitest';
import { turned } from '../../src/replay/turned';

test('what was off is on, what was on is off, and the set before stays what it was', () => {
  const before: ReadonlySet<string> = new Set(['calls']);
  expect([...turned(before, 'lines')]).toEqual(['calls', 'lines']);
  expect([...turned(before, 'calls')]).toEqual([]);
  expect([...before]).toEqual(['calls']);
});
