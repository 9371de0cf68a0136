/** A recording, its processes and what became of its modules; read when its page is opened. */
import { batch, signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Instrumentation, RecordingDetail } from '../api/types';

export class RecordingStore {
  readonly id: string;
  /** Null until it is read. */
  readonly told = signal<Instrumentation | null>(null);
  readonly facts = signal<RecordingDetail | null>(null);
  readonly problem = signal<ApiError | null>(null);
  readonly #api: Api;

  constructor(api: Api, id: string) {
    this.id = id;
    this.#api = api;
    void this.read();
  }

  async read(): Promise<void> {
    try {
      const [facts, told] = await Promise.all([
        this.#api.recording(this.id),
        this.#api.modules(this.id),
      ]);
      batch(() => {
        this.facts.value = facts;
        this.told.value = told;
        this.problem.value = null;
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem.value = error;
    }
  }
}
