/** The variable that was clicked, and all the values it had in its function. */
import { signal } from '@preact/signals';
import type { Api } from '../api/client';
import { writesOf, type Write } from '../replay/history';

export interface Subject {
  readonly variable: string;
  readonly function: string;
}

/** More writes than these are not asked for: nobody reads them, and a plot has no more pixels. */
export const MOST = 1000;

export class HistoryStore {
  readonly subject = signal<Subject | null>(null);
  /** Null while they are on their way. */
  readonly writes = signal<readonly Write[] | null>(null);
  readonly #api: Api;
  readonly #id: string;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  open(subject: Subject): void {
    this.subject.value = subject;
    this.writes.value = null;
    void this.read();
  }

  close(): void {
    this.subject.value = null;
  }

  async read(): Promise<void> {
    const subject = this.subject.value;
    if (subject === null) return;
    const query = { variable: subject.variable, function: subject.function, limit: MOST };
    const events = await this.#api.events(this.#id, query).then(
      (page) => page.events,
      () => [],
    );
    if (this.subject.value === subject) this.writes.value = writesOf(events, subject.variable);
  }
}
