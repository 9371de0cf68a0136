/** The variable that was clicked, and all the values it had in its function, within the focus. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Range } from '../replay/range';
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
  readonly failed = signal(false);
  readonly #api: Api;
  readonly #id: string;
  readonly #focus: ReadonlySignal<Range | null>;

  /** @param focus the range of events that it keeps to. */
  constructor(api: Api, id: string, focus: ReadonlySignal<Range | null>) {
    this.#api = api;
    this.#id = id;
    this.#focus = focus;
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
    const focus = this.#focus.value;
    const asked = { variable: subject.variable, function: subject.function, limit: MOST };
    const query = focus === null ? asked : { ...asked, from: focus.first, to: focus.last };
    const page = await this.#api.events(this.#id, query).catch(() => null);
    if (this.subject.value !== subject || this.#focus.value !== focus) return;
    this.failed.value = page === null;
    if (page !== null) this.writes.value = writesOf(page.events, subject.variable);
  }
}
