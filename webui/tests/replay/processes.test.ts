import { expect, test } from 'vitest';
import type { RecordedProcess } from '../../src/api/types';
import { processTree } from '../../src/replay/processes';

const process = (number: number, parent: number | null): RecordedProcess => ({
  process: number,
  parent,
  status: 'ended',
  argv: [],
  core: null,
  start: null,
  duration_ns: null,
  events: 0,
});

const rows = (...processes: RecordedProcess[]): string[] =>
  processTree(processes).map(({ process: { process: number }, level }) => `${level} ${number}`);

test('processes stand below those that started them', () => {
  expect(
    rows(process(1, 99), process(2, 1), process(3, 1), process(4, 2), process(5, null)),
  ).toEqual(['0 1', '1 2', '2 4', '1 3', '0 5']);
});

test('numbers that were given again lead to no circle', () => {
  expect(rows(process(1, 2), process(2, 1))).toEqual(['0 1', '1 2']);
  expect(rows(process(7, 7))).toEqual(['0 7']);
});
