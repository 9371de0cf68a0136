/**
 * The search box of the player: words about events, answered with links to their moments.
 *
 * A number is an event. A plain word is looked for as a variable, as a function, and in what every event
 * tells, as `value:` does alone; what is found is told as it is found.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { EventPage, EventQuery, RecordedEvent } from '../api/types';
import type { Range } from '../replay/range';
import { EVENT_KEYS, parseWords } from '../replay/query';

const MOST = 200;
const QUIET_MS = 180;

export class FindStore {
  readonly text = signal('');
  /** Null: nothing was asked; the results of the latest answer otherwise. */
  readonly results = signal<readonly RecordedEvent[] | null>(null);
  /** Something could not be looked through: what was found is not all. */
  readonly failed = signal(false);
  /** How far values were looked through so far; null: nothing is looked for. */
  readonly looked = signal<number | null>(null);
  readonly #api: Api;
  readonly #id: string;
  readonly #focus: ReadonlySignal<Range | null>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param focus the range of events that it keeps to. */
  constructor(api: Api, id: string, focus: ReadonlySignal<Range | null>) {
    this.#api = api;
    this.#id = id;
    this.#focus = focus;
    focus.subscribe(() => {
      this.type(this.text.peek());
    });
  }

  type(text: string): void {
    this.text.value = text;
    clearTimeout(this.#timer);
    this.looked.value = null;
    if (text.trim() === '') this.results.value = null;
    else this.#timer = setTimeout(() => void this.#ask(text), QUIET_MS);
  }

  async #ask(text: string): Promise<void> {
    const focus = this.#focus.value;
    const isAsked = (): boolean => this.text.value === text && this.#focus.value === focus;
    this.failed.value = false;
    const range = focus === null ? {} : { from: focus.first, to: focus.last };
    const found = new Map<number, RecordedEvent>();
    const tell = (events: readonly RecordedEvent[]): void => {
      for (const event of events) found.set(event.n, event);
      this.results.value = [...found.values()].sort((a, b) => a.n - b.n).slice(0, MOST);
    };
    await Promise.all(
      questions(text).map((query) => this.#all({ ...range, ...query }, isAsked, tell)),
    );
    if (isAsked()) this.looked.value = null;
  }

  /** Asks on until there are enough or no more. */
  async #all(
    query: EventQuery,
    isAsked: () => boolean,
    tell: (found: readonly RecordedEvent[]) => void,
  ): Promise<void> {
    let found = 0;
    let next: number | null = query.from ?? 1;
    // The other questions are answered at once.
    const isLong = query.value !== undefined;
    if (isLong) this.looked.value = next;
    while (next !== null && found < MOST && isAsked()) {
      const limit = MOST - found;
      const page: EventPage | null = await this.#api
        .events(this.#id, { ...query, from: next, limit })
        .catch(() => null);
      if (!isAsked()) break;
      if (page === null) {
        this.failed.value = true;
        break;
      }
      found += page.events.length;
      next = page.next;
      tell(page.events);
      if (isLong) this.looked.value = next;
    }
  }
}

/** What the words ask for; more than one where a word may mean several things. */
export function questions(text: string): EventQuery[] {
  const number = /^#?([\d,]+)$/.exec(text.trim())?.[1]?.replaceAll(',', '');
  if (number !== undefined) return [{ from: Number(number), to: Number(number) }];
  const { keys, text: word } = parseWords(text, EVENT_KEYS);
  const query: EventQuery = Object.fromEntries(keys);
  if (word === '') return [query];
  return [
    { ...query, variable: word },
    { ...query, function: word },
    ...(query.value === undefined ? [{ ...query, value: word }] : []),
  ];
}
