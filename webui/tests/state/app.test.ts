import { effect } from '@preact/signals';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveEvents } from '../../src/api/live';
import { ApiError, createApi } from '../../src/api/client';
import type { Place } from '../../src/replay/place';
import { AppStore } from '../../src/state/app';
import { throttled } from '../../src/state/timing';
import { FakeDashboard, ID, session, settled } from '../fixture';

class Surroundings {
  readonly api = new FakeDashboard();
  readonly written: string[] = [];
  readonly watched: (string | null)[] = [];
  live!: LiveEvents;
  back!: (place: Place) => void;
  readonly #start: Place;

  constructor(start: Place) {
    this.#start = start;
  }

  app(): AppStore {
    return new AppStore({
      api: this.api,
      pulse: () => undefined,
      memory: { read: () => null, write: () => undefined },
      connect: (events) => {
        this.live = events;
        return { watch: (id) => this.watched.push(id) };
      },
      address: {
        read: () => this.#start,
        push: (place) => this.written.push(`push ${place.page}`),
        replace: (place) => this.written.push(`replace ${place.page}`),
        onReturn: (callback) => {
          this.back = callback;
        },
      },
    });
  }
}

const LIST: Place = { page: 'sessions', query: '' };
const SESSION: Place = {
  page: 'player',
  id: ID,
  n: null,
  frame: null,
  speed: 1,
  watches: [],
  focus: null,
};

beforeEach(() => {
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
  };
});

describe('the page', () => {
  test('opens what its address says, and watches the session it shows', async () => {
    const around = new Surroundings(SESSION);
    const app = around.app();
    await settled();
    expect(app.player.value?.session.value?.id).toBe(ID);
    expect(around.watched.at(-1)).toBe(ID);
  });

  test('goes to a session and back to the list', async () => {
    const around = new Surroundings(LIST);
    const app = around.app();
    app.go(SESSION);
    expect(around.written).toEqual(['push player']);
    around.back(LIST);
    await settled();
    expect(app.player.value).toBeNull();
    expect(around.watched.at(-1)).toBeNull();
  });

  test('Back within a session keeps the player', async () => {
    const around = new Surroundings(SESSION);
    const app = around.app();
    await settled();
    const player = app.player.value;
    around.back({ ...SESSION, n: 7 });
    expect(app.player.value).toBe(player);
    expect(player?.cursor.value.n).toBe(7);
  });
});

describe('a recording', () => {
  const open = async (id: string): Promise<AppStore> => {
    const app = new Surroundings({ page: 'recording', id }).app();
    await settled();
    return app;
  };

  test('tells of its modules while its page is open', async () => {
    const app = await open(ID);
    expect(app.recording.value?.facts.value?.name).toBe('nightly');
    expect(app.recording.value?.told.value?.counts).toEqual({ recorded: 1, part: 0, not: 0 });
    app.go(LIST);
    expect(app.recording.value).toBeNull();
  });

  test('that is not known says so', async () => {
    const app = await open('unknown');
    expect(app.recording.value?.told.value).toBeNull();
    expect(app.recording.value?.problem.value).toMatchObject({ status: 404 });
  });
});

describe('the list', () => {
  test('fills while it is looked at', async () => {
    const around = new Surroundings(LIST);
    const { sessions } = around.app();
    await settled();
    around.api.list = [session({ id: 'new' }), ...around.api.list];
    around.live.onSessions();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sessions.rows.value.map((row) => row.session.id)).toEqual(['new', ID]);
  });

  test('announces what is new where the reader is busy', async () => {
    const around = new Surroundings(LIST);
    const { sessions } = around.app();
    await settled();
    sessions.setUndisturbed(false);
    around.api.list = [session({ id: 'new' }), ...around.api.list];
    around.live.onSessions();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sessions.listing.value.waiting).toHaveLength(1);
    expect(sessions.rows.value).toHaveLength(1);
    sessions.release();
    expect(sessions.rows.value).toHaveLength(2);
  });

  test('asks nothing while a session is shown', async () => {
    const around = new Surroundings(SESSION);
    around.app();
    await settled();
    around.live.onSessions();
    await vi.advanceTimersByTimeAsync(1000);
    expect(around.api.asked).not.toContain('sessions');
  });

  test('takes a new search to the address once the hands rest', async () => {
    const around = new Surroundings(LIST);
    const { sessions } = around.app();
    sessions.type('status:e');
    sessions.type('status:error');
    await vi.advanceTimersByTimeAsync(1000);
    expect(sessions.query.value).toBe('status:error');
    expect(around.written).toEqual(['replace sessions']);
  });
});

test('throttled calls come at once, then in intervals, and the last is not lost', () => {
  let calls = 0;
  const call = throttled(100, () => (calls += 1));
  call();
  call();
  call();
  expect(calls).toBe(1);
  vi.advanceTimersByTime(100);
  expect(calls).toBe(2);
  vi.advanceTimersByTime(500);
  expect(calls).toBe(2);
});

test('a page of events that cannot be read is asked for again after a while, not at once', async () => {
  const around = new Surroundings(SESSION);
  const app = around.app();
  await settled();
  const { events } = app.player.value!;
  let asked = 0;
  around.api.events = () => {
    asked += 1;
    return Promise.reject(new ApiError('unreachable', 'away', 0));
  };
  events.turn('loop');
  const stop = effect(() => {
    events.inRow(0);
    events.look(0, 12);
  });
  await vi.advanceTimersByTimeAsync(1900);
  expect(asked).toBe(1);
  expect(events.failed.value).toBe(true);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toBe(2);
  stop();
});

describe('the client of the API', () => {
  const answering =
    (status: number, body: unknown): Parameters<typeof createApi>[0] =>
    () =>
      Promise.resolve(new Response(JSON.stringify(body), { status }));

  test('writes addresses and leaves out what is not said', async () => {
    const asked: string[] = [];
    const api = createApi((address) => {
      asked.push(address);
      return Promise.resolve(new Response('{}'));
    });
    await api.moment('a/b', 5, null);
    await api.sessions({ search: 'x y', limit: 10 });
    expect(asked).toEqual(['/api/sessions/a%2Fb/moment?n=5', '/api/sessions?search=x+y&limit=10']);
  });

  test('gives the server’s own words for an error', async () => {
    const api = createApi(answering(404, { error: { slug: 'no-such-session', message: 'gone' } }));
    await expect(api.session('x')).rejects.toMatchObject({
      slug: 'no-such-session',
      message: 'gone',
    });
  });

  test('an answer that is no JSON is an error with its status', async () => {
    const api = createApi(() => Promise.resolve(new Response('<html>', { status: 502 })));
    await expect(api.status()).rejects.toMatchObject({ status: 502, slug: 'error' });
  });

  test('a server that is away is unreachable', async () => {
    const api = createApi(() => Promise.reject(new TypeError('refused')));
    await expect(api.status()).rejects.toMatchObject({ slug: 'unreachable', status: 0 });
  });
});
