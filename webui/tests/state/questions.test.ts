import { signal } from '@preact/signals';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Range } from '../../src/replay/range';
import { LineJumps } from '../../src/state/lines';
import { PrintStore } from '../../src/state/prints';
import { WatchStore } from '../../src/state/watches';
import { WayStore } from '../../src/state/ways';
import { ApiError } from '../../src/api/client';
import { CallStore } from '../../src/state/calls';
import { CoverageStore } from '../../src/state/coverage';
import { FakeDashboard, ID, TIMELINE, moment, settled } from '../fixture';

let dashboard: FakeDashboard;

beforeEach(() => {
  dashboard = new FakeDashboard();
});

const LINE = { file: '/srv/app.py', line: 3 };

describe('a print', () => {
  test('reads page after page until the end', async () => {
    const prints = new PrintStore(dashboard, ID, signal<Range | null>(null));
    prints.open(LINE, 'total');
    await settled();
    await settled();
    expect(prints.rows.value.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(prints.looked.value).toBe(12);
    expect([prints.next.value, prints.reading.value]).toEqual([null, false]);
    expect(dashboard.asked.slice(0, 2)).toEqual(['print 3 total  1', 'print 3 total  3']);
  });

  test('a new question ends the one before it', async () => {
    const prints = new PrintStore(dashboard, ID, signal<Range | null>(null));
    prints.open(LINE, 'total');
    await Promise.resolve();
    prints.ask('a, b', 'a > 1');
    await settled();
    await settled();
    expect(prints.columns.value).toEqual(['a', 'b']);
    expect(prints.rows.value).toHaveLength(12);
    expect(dashboard.asked.filter((asked) => asked.startsWith('print 3 total'))).toHaveLength(1);
  });

  test('an expression that is refused leaves its reason', async () => {
    const prints = new PrintStore(dashboard, ID, signal<Range | null>(null));
    prints.open(LINE, 'f(x)');
    await settled();
    expect(prints.problem.value).toMatchObject({ slug: 'expression' });
    expect(prints.reading.value).toBe(false);
    prints.ask('total', '');
    await settled();
    expect(prints.problem.value).toBeNull();
  });

  test('closing forgets its rows, and what still arrives', async () => {
    const prints = new PrintStore(dashboard, ID, signal<Range | null>(null));
    prints.open(LINE, 'total');
    prints.close();
    await settled();
    expect(prints.target.value).toBeNull();
    expect(prints.rows.value).toEqual([]);
  });
});

describe('watches', () => {
  let changes: number;
  const watching = (...expressions: string[]): WatchStore =>
    new WatchStore(dashboard, ID, expressions, () => (changes += 1));

  beforeEach(() => {
    changes = 0;
  });

  test('are asked for at each moment that is shown', async () => {
    const watches = watching('a', 'b.c');
    watches.look(moment(4));
    await settled();
    watches.look(moment(5));
    await settled();
    expect(dashboard.asked).toEqual(['watch 4 3 a;b.c', 'watch 5 3 a;b.c']);
    expect(watches.values.value.map(({ text }) => text)).toEqual(['5', '5']);
  });

  test('while an answer is under way only the latest moment is kept', async () => {
    const watches = watching('a');
    for (let n = 1; n <= 9; n += 1) watches.look(moment(n));
    await settled();
    expect(dashboard.asked).toEqual(['watch 1 1 a', 'watch 9 8 a']);
  });

  test('are added once, with single spaces, and taken away', async () => {
    const watches = watching();
    watches.look(moment(4));
    await settled();
    expect(dashboard.asked).toEqual([]);
    for (const text of [' a  +\n1 ', 'a + 1', '  ']) watches.add(text);
    await settled();
    expect(watches.expressions.value).toEqual(['a + 1']);
    watches.remove('a + 1');
    expect(watches.values.value).toEqual([]);
    expect(changes).toBe(2);
  });

  test('a failure is said, and over with the next answer', async () => {
    const watches = watching('a');
    const watch = dashboard.watch.bind(dashboard);
    dashboard.watch = () => Promise.reject(new ApiError('unreachable', 'away', 0));
    watches.look(moment(4));
    await settled();
    expect(watches.failed.value).toBe(true);
    dashboard.watch = watch;
    watches.look(moment(5));
    await settled();
    expect(watches.failed.value).toBe(false);
  });
});

describe('jumps from one time that a line ran to another', () => {
  test('lead to it, or say why they lead nowhere', async () => {
    const lines = new LineJumps(dashboard, ID);
    expect(await lines.find(LINE, 5, 1)).toBe(8);
    expect(await lines.find(LINE, 5, -1)).toBe(3);
    expect(await lines.find(LINE, 9, 1)).toBeNull();
    expect(lines.notice.value).toBe('line 3 did not run again');
    expect(await lines.find(LINE, 2, -1)).toBeNull();
    expect(lines.notice.value).toBe('line 3 had not run before');
    await lines.find(LINE, 5, 1);
    expect(lines.notice.value).toBeNull();
  });

  test('a line without events says so', async () => {
    const lines = new LineJumps(dashboard, ID);
    dashboard.hits = () => Promise.reject(new ApiError('no-such-line', 'none', 404));
    expect(await lines.find(LINE, 5, 1)).toBeNull();
    expect(lines.notice.value).toBe('line 3 left no event of its own');
  });
});

describe('what a call made of its function', () => {
  const look = async (coverage: CoverageStore, running: boolean, n = 4): Promise<void> => {
    void coverage.look(moment(n), TIMELINE, running);
    await settled();
  };
  const asked = (): number => dashboard.asked.filter((one) => one.startsWith('events')).length;
  const { frame } = moment(4);

  test('is asked once when the session is over', async () => {
    const coverage = new CoverageStore(dashboard, ID);
    await look(coverage, false);
    await look(coverage, false);
    expect(asked()).toBe(1);
    expect(coverage.of(frame!)?.recorded.size).toBeGreaterThan(0);
  });

  test('is asked again while the call goes on, and proves nothing yet', async () => {
    const coverage = new CoverageStore(dashboard, ID);
    await look(coverage, true, 1);
    await look(coverage, true, 1);
    expect(asked()).toBe(2);
    expect(coverage.of(1)).toMatchObject({ events: { length: 4 }, recorded: new Set() });
    await look(coverage, false, 1);
    expect(coverage.of(1)?.recorded.size).toBeGreaterThan(0);
  });

  test('of a call that is over is known while its session runs', async () => {
    const coverage = new CoverageStore(dashboard, ID);
    await look(coverage, true);
    await look(coverage, true);
    expect(asked()).toBe(1);
    expect(coverage.of(frame!)?.recorded.size).toBeGreaterThan(0);
  });

  test('that was left by a yield is asked again until its session is over', async () => {
    const coverage = new CoverageStore(dashboard, ID);
    const events = dashboard.events.bind(dashboard);
    dashboard.events = async (...query) => {
      const { events: found, ...rest } = await events(...query);
      return { ...rest, events: found.map((one) => ({ ...one, kind: 'yield' })) };
    };
    for (const running of [true, true, false, false]) await look(coverage, running);
    expect(asked()).toBe(3);
    expect(coverage.of(frame!)?.recorded.size).toBeGreaterThan(0);
  });

  test('is asked again after a failure', async () => {
    const coverage = new CoverageStore(dashboard, ID);
    const events = dashboard.events.bind(dashboard);
    dashboard.events = () => Promise.reject(new ApiError('unreachable', 'away', 0));
    await look(coverage, false);
    expect(coverage.of(frame!)).toBeNull();
    dashboard.events = events;
    await look(coverage, false);
    expect(coverage.of(frame!)).not.toBeNull();
  });
});

describe('the way of an exception', () => {
  test('is read once, and again while the program still runs', async () => {
    const ways = new WayStore(dashboard, ID);
    expect(ways.of(10)).toBeUndefined();
    await ways.look(10, true);
    await ways.look(10, false);
    await ways.look(10, false);
    expect(ways.of(10)?.text).toBe("KeyError('x')");
    expect(dashboard.asked).toEqual(['way 10', 'way 10']);
  });

  test('that could not be read is null, and asked for again', async () => {
    const ways = new WayStore(dashboard, ID);
    const way = dashboard.way.bind(dashboard);
    dashboard.way = () => Promise.reject(new ApiError('format', 'broken', 503));
    await ways.look(10, false);
    expect(ways.of(10)).toBeNull();
    dashboard.way = way;
    await ways.look(10, false);
    expect(ways.of(10)?.n).toBe(10);
  });
});

describe('the place of a call in a long session', () => {
  test('is asked for once, and again while calls may come', async () => {
    const api = new FakeDashboard();
    const calls = new CallStore(api, ID);
    await calls.look(8, false);
    await calls.look(8, false);
    expect(api.asked).toEqual(['calls 8']);
    expect(calls.of(8)).toEqual({ at: 3, hits: 41, previous: 2, next: 90 });
    await calls.look(3, true);
    await calls.look(3, true);
    expect(api.asked).toEqual(['calls 8', 'calls 3', 'calls 3']);
  });

  test('is not known of what no call opened', async () => {
    const calls = new CallStore(new FakeDashboard(), ID);
    await calls.look(1, false);
    expect(calls.of(1)).toBeNull();
  });
});
