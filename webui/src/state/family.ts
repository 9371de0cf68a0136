/**
 * The sessions that one was started from, and those that were started from it; read again while any of
 * them runs, and told how late it is, as what runs has no end yet.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Family, Session } from '../api/types';
import { throttled } from './timing';

const READ_MS = 1000;
const TICK_MS = 250;

export class FamilyStore {
  readonly family = signal<Family>({ sessions: [], complete: true });
  /** The end of what still runs: microseconds since 1970. */
  readonly now = signal(Date.now() * 1000);
  readonly #running: ReadonlySignal<boolean>;
  readonly #api: Api;
  readonly #session: ReadonlySignal<Session | null>;
  readonly #refresh = throttled(READ_MS, () => void this.read());
  #left = false;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(api: Api, session: ReadonlySignal<Session | null>) {
    this.#api = api;
    this.#session = session;
    this.#running = computed(() =>
      [session.value, ...this.family.value.sessions].some((one) => one?.status === 'running'),
    );
  }

  /** Reads who belongs to it, unless it is known to stay alone. */
  async read(): Promise<void> {
    const session = this.#session.peek();
    if (session === null) return;
    const alone = session.parent === null && session.children === 0;
    if (alone && session.status !== 'running') return;
    const found = await this.#api.family(session.id).catch(() => this.family.peek());
    this.family.value = found;
    this.#tick();
  }

  /** Sessions have come or changed, maybe among them its own. */
  news(): void {
    if (this.#running.peek()) this.#refresh();
  }

  /** The page is left. */
  close(): void {
    this.#left = true;
    this.#rest();
  }

  /** The time goes on while anybody runs. */
  #tick(): void {
    this.now.value = Date.now() * 1000;
    if (this.#left || !this.#running.peek()) this.#rest();
    else
      this.#timer ??= setInterval(() => {
        this.#tick();
      }, TICK_MS);
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
