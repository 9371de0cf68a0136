import { signal } from '@preact/signals';
import { describe, expect, test } from 'vitest';
import { ApiError, createApi } from '../../src/api/client';
import type { Session } from '../../src/api/types';
import { EMPTY_LISTING, replaced, without, type Listing } from '../../src/replay/sessions';
import { ChoiceStore } from '../../src/state/choice';
import { FakeDashboard, session } from '../fixture';

class Listed {
  readonly api = new FakeDashboard();
  readonly shown = signal<readonly Session[]>([]);
  readonly choice: ChoiceStore;

  constructor(...sessions: Session[]) {
    this.api.list = sessions;
    this.shown.value = sessions;
    const listing = (): Listing => ({ ...EMPTY_LISTING, shown: this.shown.value });
    this.choice = new ChoiceStore(this.api, {
      shown: this.shown,
      put: (changed) => {
        this.shown.value = replaced(listing(), changed).shown;
      },
      forget: (id) => {
        this.shown.value = without(listing(), id).shown;
      },
    });
  }

  ids(): string[] {
    return this.choice.sessions.value.map(({ id }) => id);
  }
}

const [A, B, C] = ['a', 'b', 'c'].map((id) => session({ id })) as [Session, Session, Session];

describe('what is chosen', () => {
  test('stands in the order in which it was chosen', () => {
    const list = new Listed(A, B, C);
    for (const id of ['c', 'b', 'a', 'b']) list.choice.turn(id);
    expect(list.ids()).toEqual(['c', 'a']);
    list.choice.clear();
    expect(list.ids()).toEqual([]);
  });

  test('is only what the list still shows', () => {
    const list = new Listed(A, B);
    list.choice.turn('a');
    list.choice.turn('b');
    list.shown.value = [B];
    expect(list.ids()).toEqual(['b']);
  });

  test('is pinned and let go, and the list says so at once', async () => {
    const list = new Listed(A, B);
    list.choice.turn('b');
    await list.choice.pin(true);
    expect(list.shown.value.map(({ pinned }) => pinned)).toEqual([false, true]);
    await list.choice.pin(false);
    expect(list.shown.value.map(({ pinned }) => pinned)).toEqual([false, false]);
  });

  test('is removed but for what runs or is pinned', async () => {
    const running = session({ id: 'r', status: 'running' });
    const pinned = session({ id: 'p', pinned: true });
    const list = new Listed(A, running, pinned);
    for (const id of ['a', 'r', 'p']) list.choice.turn(id);
    list.choice.doubting.value = true;
    await list.choice.remove();
    expect(list.api.asked).toEqual(['remove a']);
    expect(list.shown.value).toEqual([running, pinned]);
    expect(list.ids()).toEqual(['r', 'p']);
    expect(list.choice.doubting.value).toBe(false);
  });

  test('stays where the dashboard refuses, with its words', async () => {
    const list = new Listed(A);
    list.choice.turn('a');
    list.api.remove = () => Promise.reject(new ApiError('kept', 'it is pinned', 409));
    await list.choice.remove();
    expect(list.choice.problem.value).toBe('it is pinned');
    expect(list.choice.busy.value).toBe(false);
    expect(list.ids()).toEqual(['a']);
    list.choice.turn('a');
    expect(list.choice.problem.value).toBeNull();
  });
});

test('a change is sent with the header that only the page can send', async () => {
  const sent: unknown[] = [];
  const api = createApi((address, how) => {
    sent.push([address, how]);
    return Promise.resolve(new Response('{}'));
  });
  await api.pin('a/b', true);
  await api.pin('a', false);
  await api.remove('a');
  const headers = { 'X-Rewind-Change': '1' };
  expect(sent).toEqual([
    ['/api/sessions/a%2Fb/pin', { method: 'PUT', headers }],
    ['/api/sessions/a/pin', { method: 'DELETE', headers }],
    ['/api/sessions/a', { method: 'DELETE', headers }],
  ]);
});
