/**
 * The search box of the player: words about events, answered with links to their moments.
 *
 * A number is an event. A plain word is looked for as a variable and as a function.
 */
import { signal } from '@preact/signals';
import type { Api } from '../api/client';
import type { EventQuery, RecordedEvent } from '../api/types';
import { EVENT_KEYS, parseWords } from '../replay/query';

const MOST = 200;
const QUIET_MS = 180;

export class FindStore {
  readonly text = signal('');
  /** Null: nothing was asked; the results of the latest answer otherwise. */
  readonly results = signal<readonly RecordedEvent[] | null>(null);
  readonly #api: Api;
  readonly #id: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  type(text: string): void {
    this.text.value = text;
    clearTimeout(this.#timer);
    if (text.trim() === '') this.results.value = null;
    else this.#timer = setTimeout(() => void this.#ask(text), QUIET_MS);
  }

  async #ask(text: string): Promise<void> {
    const answers = await Promise.all(
      questions(text).map((query) =>
        this.#api.events(this.#id, { ...query, limit: MOST }).then(
          (page) => page.events,
          () => [],
        ),
      ),
    );
    if (this.text.value !== text) return;
    const found = new Map(answers.flat().map((event) => [event.n, event]));
    this.results.value = [...found.values()].sort((a, b) => a.n - b.n).slice(0, MOST);
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
  ];
}
