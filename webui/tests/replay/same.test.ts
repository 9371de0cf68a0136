import { expect, test } from 'vitest';
import type { ValueTree } from '../../src/api/types';
import { sharedIn } from '../../src/replay/same';

test('an object that is held more than once is told with all its places, an equal one is not', () => {
  const list = (id: number, ...children: [string, ValueTree][]): ValueTree => ({
    text: '[]',
    type: 'builtins.list',
    id,
    children: children.map(([name, tree]) => ({ name, tree })),
  });
  const one: ValueTree = { text: '1', type: 'builtins.int' };
  const shared = sharedIn([
    { name: 'items', tree: list(7) },
    { name: 'order', tree: list(8, ['lines', list(7)], ['0', one]) },
    { name: 'rows', tree: list(9, ['0', list(7)], ['1', list(10)]) },
    { name: 'n', tree: one },
  ]);
  expect([...shared]).toEqual([[7, ['items', 'order.lines', 'rows[0]']]]);
});
