/** What is known of a session as a whole: its facts and its timeline, read when asked and kept. */
import { computed, signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { SessionDetail, Timeline } from '../api/types';
import { EMPTY_TIMELINE } from '../replay/timeline';
import { throttled } from './timing';

const BUCKETS = 480;
const TIMELINE_MS = 1000;

export class FactStore {
  readonly session = signal<SessionDetail | null>(null);
  readonly timeline = signal<Timeline>(EMPTY_TIMELINE);
  /** What went wrong last; null once a session could be read. */
  readonly problem = signal<ApiError | null>(null);
  readonly running = computed(() => this.session.value?.status === 'running');
  /** Reads the timeline: at once when it was quiet, and once a second while it grows. */
  readonly refreshTimeline = throttled(TIMELINE_MS, () => void this.readTimeline());
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

  async readTimeline(): Promise<void> {
    try {
      this.timeline.value = await this.#api.timeline(this.#id, BUCKETS);
      this.problem.value = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.problem.value = error;
  }
}
