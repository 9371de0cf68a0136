import { beforeEach, describe, expect, test } from 'vitest';
import type { PlayerPlace } from '../../src/replay/place';
import { PlayerStore } from '../../src/state/player';
import { FakeDashboard, ID, TIMELINE, settled } from '../fixture';

let dashboard: FakeDashboard;
let moves: { n: number | null; jump: boolean }[];
let beat: ((nowMs: number) => void) | null;

beforeEach(() => {
  dashboard = new FakeDashboard();
  moves = [];
  beat = null;
});

async function open(place: Partial<PlayerPlace> = {}): Promise<PlayerStore> {
  const player = new PlayerStore(
    { page: 'player', id: ID, n: null, frame: null, speed: 1, watches: [], focus: null, ...place },
    {
      api: dashboard,
      pulse: (callback) => {
        beat = callback;
      },
      moved: ({ n }, jump) => moves.push({ n, jump }),
    },
  );
  await settled();
  return player;
}

async function play(milliseconds: number): Promise<void> {
  for (let now = 0; now <= milliseconds; now += 50) {
    beat?.(now);
    await settled();
  }
}

describe('opening', () => {
  test('begins at the first event of a session that has ended', async () => {
    const player = await open();
    expect(player.cursor.value).toMatchObject({ n: 1, first: 1, last: 12 });
    expect(player.moments.shown.value?.n).toBe(1);
  });

  test('begins at the end of one that runs, and follows', async () => {
    dashboard.facts = { ...dashboard.facts, status: 'running' };
    expect((await open()).cursor.value).toMatchObject({ n: 12, follow: true });
  });

  test('stands at the moment of its address', async () => {
    const player = await open({ n: 9, frame: 1, speed: 2 });
    expect(player.cursor.value.n).toBe(9);
    expect(player.moments.shown.value?.frame).toBe(1);
    expect(player.speed.value).toBe(2);
  });

  test('an unknown session is a problem that says so', async () => {
    const player = await open({ id: 'unknown' });
    expect(player.facts.problem.value).toMatchObject({ slug: 'no-such-session', status: 404 });
  });
});

describe('moving', () => {
  test('steps replace the address, jumps are worth coming back from', async () => {
    const player = await open();
    player.step(1);
    player.jump(8);
    expect(moves).toEqual([
      { n: 2, jump: false },
      { n: 8, jump: true },
    ]);
  });

  test('over, out and to the next exception', async () => {
    const player = await open({ n: 2 });
    await player.over(1);
    expect(player.cursor.value.n).toBe(7);
    player.step(2);
    await player.out(-1);
    expect(player.cursor.value.n).toBe(7);
    await player.exception(1);
    expect(player.cursor.value.n).toBe(10);
    await player.exception(1);
    expect(player.cursor.value.n).toBe(10);
  });

  test('exceptions that the timeline does not name are asked for', async () => {
    dashboard.glance = { ...TIMELINE, spans_complete: false, exceptions: [] };
    const player = await open();
    await player.exception(1);
    expect(player.cursor.value.n).toBe(10);
    await player.exception(1);
    expect(player.cursor.value.n).toBe(11);
    await player.exception(-1);
    expect(player.cursor.value.n).toBe(10);
    await player.exception(-1);
    expect(player.cursor.value.n).toBe(10);
  });

  test('a newer wish ends a search for a step', async () => {
    const player = await open({ n: 2 });
    const over = player.over(1);
    player.step(1);
    await over;
    expect(player.cursor.value.n).toBe(3);
  });

  test('while the scrubber is dragged, only the latest moment is asked for next', async () => {
    const player = await open();
    dashboard.asked.length = 0;
    for (const n of [3, 4, 5, 6, 9]) player.scrub(n);
    await settled();
    expect(dashboard.asked.filter((what) => what.startsWith('moment'))).toEqual([
      'moment 3',
      'moment 9',
    ]);
    expect(player.moments.shown.value?.n).toBe(9);
  });

  test('a chosen frame stays chosen until it leaves the stack', async () => {
    const player = await open({ n: 4 });
    player.choose(player.moments.shown.value!.stack[1]!);
    player.step(1);
    await settled();
    expect(player.moments.shown.value?.frame).toBe(1);
    player.jump(4);
    await settled();
    player.choose(player.moments.shown.value!.stack[0]!);
    expect(player.chosen.value).toBeNull();
  });

  test('a frame that returned is chosen no longer', async () => {
    const player = await open({ n: 6, frame: 3 });
    player.step(1);
    await settled();
    expect(player.chosen.value).toBeNull();
    expect(player.moments.shown.value?.stack.map(({ frame }) => frame)).toEqual([1]);
  });

  test('Back restores the moment and says nothing to the address', async () => {
    const player = await open();
    player.restore({
      page: 'player',
      id: ID,
      n: 5,
      frame: null,
      speed: 4,
      watches: [],
      focus: null,
    });
    expect(player.cursor.value.n).toBe(5);
    expect(player.speed.value).toBe(4);
    expect(moves).toEqual([]);
  });
});

describe('playing', () => {
  test('advances by the clock and pauses where it is told to', async () => {
    const player = await open({ speed: 4, watches: [], focus: null });
    player.play();
    await play(300);
    const { n } = player.cursor.value;
    expect(n).toBeGreaterThan(2);
    player.toggle();
    await play(300);
    expect(player.cursor.value.n).toBe(n);
  });

  test('ends at the end, and begins anew from there', async () => {
    const player = await open({ n: 12 });
    player.play();
    expect(player.cursor.value.n).toBe(1);
    await play(10_000);
    expect(player.cursor.value.n).toBe(12);
    expect(player.playback.playing.value).toBe(false);
  });

  test('a step by hand pauses it', async () => {
    const player = await open();
    player.play();
    player.step(1);
    expect(player.playback.playing.value).toBe(false);
  });
});

describe('while the program still runs', () => {
  test('news extends the range and leaves the cursor where it is', async () => {
    dashboard.facts = { ...dashboard.facts, status: 'running', events: 6 };
    const player = await open({ n: 2 });
    player.news({ id: ID, events: 12, status: 'running' });
    expect(player.cursor.value).toMatchObject({ n: 2, last: 12 });
  });

  test('a cursor that follows goes along', async () => {
    dashboard.facts = { ...dashboard.facts, status: 'running', events: 6 };
    const player = await open();
    player.news({ id: ID, events: 12, status: 'running' });
    await settled();
    expect(player.moments.shown.value?.n).toBe(12);
  });

  test('its end is read again with all its facts', async () => {
    dashboard.facts = { ...dashboard.facts, status: 'running' };
    const player = await open();
    dashboard.facts = { ...dashboard.facts, status: 'error' };
    player.news({ id: ID, events: 12, status: 'error' });
    await settled();
    expect(dashboard.asked.filter((what) => what === 'session')).toHaveLength(2);
    expect(player.running.value).toBe(false);
  });
});

describe('the event list', () => {
  test('loads the pages that are looked at', async () => {
    const { events } = await open();
    events.look(0, 12);
    await settled();
    expect(events.inRow(4)?.kind).toBe('branch');
    expect(events.rowOf(5)).toBe(4);
  });

  test('shows some kinds only, and knows where the cursor stands among them', async () => {
    const { events } = await open();
    for (const family of ['call', 'return', 'variable', 'branch'] as const) events.turn(family);
    expect(events.rows.value.rows).toBe(2);
    events.look(0, 2);
    await settled();
    expect(events.inRow(1)?.n).toBe(11);
    expect(events.rowOf(12)).toBe(1);
    events.showAll();
    expect(events.rows.value.rows).toBe(12);
  });
});

test('the history of a variable holds all its writes', async () => {
  const player = await open();
  player.history.open({ variable: 'total', function: 'main' });
  await settled();
  expect(player.history.writes.value?.[0]).toMatchObject({ n: 2, number: 1 });
});
