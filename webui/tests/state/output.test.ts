import { signal } from '@preact/signals';
import { describe, expect, test } from 'vitest';
import type { OutputPage, PrintedLine, Timeline } from '../../src/api/types';
import type { Range } from '../../src/replay/range';
import { OutputStore } from '../../src/state/output';
import { FakeDashboard, ID, TIMELINE, settled } from '../fixture';

/** Every event prints a line; a page has ten. */
const EVENTS = 9000;

function line(n: number): PrintedLine {
  const where = { time_ns: n, function: 'f', file: 'a.py', line: 1 };
  return { n, text: `line ${n}`, ended: true, stream: 'stdout', level: null, ...where };
}

function printed(from: number, to: number): OutputPage {
  const last = Math.min(to, from + 9);
  const lines = Array.from({ length: last - from + 1 }, (_, i) => line(from + i));
  return { lines, next: last < to ? last + 1 : null };
}

function opened(last = EVENTS): {
  output: OutputStore;
  dashboard: FakeDashboard;
  focus: ReturnType<typeof signal<Range | null>>;
} {
  const dashboard = new FakeDashboard();
  dashboard.printed = printed;
  const buckets = Array.from({ length: last / 100 }, (_, i) => ({
    ...{ first: i * 100 + 1, last: i * 100 + 100, start_ns: i, end_ns: i + 1 },
    kinds: { output: 100 },
  }));
  const told = signal<Timeline>({ ...TIMELINE, first: 1, last, buckets });
  const focus = signal<Range | null>(null);
  const cursor = signal({ n: 1, first: 1, last, follow: false });
  return { output: new OutputStore(dashboard, ID, cursor, { focus, told }), dashboard, focus };
}

const numbers = ({ shown }: OutputStore): number[] => shown.value.map(({ n }) => n);

describe('the output around the cursor', () => {
  test('is read up to the cursor and a page beyond', async () => {
    const { output } = opened();
    await output.need(15);
    expect(numbers(output)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    await output.need(20);
    expect(numbers(output).at(-1)).toBe(30);
    expect(output.hasEarlier.value).toBe(false);
  });

  test('begins anew a little before a cursor that is far away', async () => {
    const { output } = opened();
    await output.need(1);
    await output.need(8950);
    expect(numbers(output)[0]).toBe(8501);
    expect(numbers(output)).toContain(8950);
    expect(output.hasEarlier.value).toBe(true);
    await output.fromBeginning(8950);
    await output.need(8950);
    expect(numbers(output)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await output.need(8951);
    expect(numbers(output)).toContain(8951);
  });

  test('keeps to the focus', async () => {
    const { output, focus } = opened();
    await output.need(500);
    focus.value = { first: 41, last: 47 };
    await output.need(1);
    expect(numbers(output)).toEqual([41, 42, 43, 44, 45, 46, 47]);
  });

  test('goes on as its end is looked at', async () => {
    const { output } = opened();
    await output.need(1);
    output.look(9);
    await settled();
    expect(numbers(output)).toHaveLength(20);
    output.turn('stdout');
    expect(numbers(output)).toEqual([]);
  });
});
