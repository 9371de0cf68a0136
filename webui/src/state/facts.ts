/** What is known of a session as a whole: its facts and its timeline, read when asked and kept. */
import { computed, signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Family, SessionDetail, Timeline } from '../api/types';
import { EMPTY_TIMELINE } from '../replay/timeline';

const BUCKETS = 480;

export class FactStore {
  readonly session = signal<SessionDetail | null>(null);
  readonly timeline = signal<Timeline>(EMPTY_TIMELINE);
  /** What went wrong last; null once a session could be read. */
  readonly problem = signal<ApiError | null>(null);
  /** The sessions that this one was started from, and those that were started from it. */
  readonly family = signal<Family>({ sessions: [], complete: true });
  readonly running = computed(() => this.session.value?.status === 'running');
  readonly #api: Api;
  readonly #id: string;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** Reads the session's facts; null where that failed. */
  async readSession(): Promise<SessionDetail | null> {
    try {
      const session = await this.#api.session(this.#id);
      this.problem.value = null;
      this.session.value = session;
      return session;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Reads who belongs to it, unless it is known to be alone. */
  async readFamily(): Promise<void> {
    const { parent, children } = this.session.value ?? { parent: null, children: 0 };
    if (parent === null && children === 0) return;
    this.family.value = await this.#api.family(this.#id).catch(() => this.family.value);
  }

  async readTimeline(): Promise<void> {
    try {
      this.timeline.value = await this.#api.timeline(this.#id, BUCKETS);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.problem.value = error;
  }
}
