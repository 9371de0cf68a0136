/** The sessions that the reader has chosen in the list, and what is done to all of them. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Session } from '../api/types';
import { turned } from '../replay/turned';

/** The list that is chosen from, and what it is told of changes at once. */
export interface ChosenFrom {
  readonly shown: ReadonlySignal<readonly Session[]>;
  readonly put: (session: Session) => void;
  readonly forget: (id: string) => void;
}

export class ChoiceStore {
  /** In the order in which they were chosen; what the list shows no longer is not among them. */
  readonly sessions: ReadonlySignal<readonly Session[]>;
  /** Those of them that can be removed: neither running nor pinned. */
  readonly removable: ReadonlySignal<readonly Session[]>;
  /** Whether the reader is being asked if they are really to go. */
  readonly doubting = signal(false);
  readonly busy = signal(false);
  readonly problem = signal<string | null>(null);
  readonly #ids = signal<ReadonlySet<string>>(new Set());
  readonly #api: Api;
  readonly #list: ChosenFrom;

  constructor(api: Api, list: ChosenFrom) {
    this.#api = api;
    this.#list = list;
    this.sessions = computed(() => {
      const ids = this.#ids.value;
      if (ids.size === 0) return [];
      const known = new Map(list.shown.value.map((session) => [session.id, session]));
      return [...ids].flatMap((id) => known.get(id) ?? []);
    });
    this.removable = computed(() =>
      this.sessions.value.filter(({ status, pinned }) => status !== 'running' && !pinned),
    );
  }

  has(id: string): boolean {
    return this.#ids.value.has(id);
  }

  turn(id: string): void {
    this.#choose(turned(this.#ids.value, id));
  }

  clear(): void {
    this.#choose(new Set());
  }

  /** Keeps all of them, or lets them go again. */
  async pin(pinned: boolean): Promise<void> {
    await this.#each(this.sessions.value, async ({ id }) => {
      this.#list.put(await this.#api.pin(id, pinned));
    });
  }

  /** Removes for good what can be removed. */
  async remove(): Promise<void> {
    this.doubting.value = false;
    await this.#each(this.removable.value, async ({ id }) => {
      await this.#api.remove(id);
      this.#list.forget(id);
    });
  }

  #choose(ids: ReadonlySet<string>): void {
    this.#ids.value = ids;
    this.doubting.value = false;
    this.problem.value = null;
  }

  async #each(
    sessions: readonly Session[],
    act: (session: Session) => Promise<void>,
  ): Promise<void> {
    if (this.busy.value) return;
    this.busy.value = true;
    this.problem.value = null;
    try {
      for (const session of sessions) await act(session);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem.value = error.message;
    } finally {
      this.busy.value = false;
    }
  }
}
