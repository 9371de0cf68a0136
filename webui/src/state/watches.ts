/**
 * The expressions that are watched, and what they are worth at the cursor.
 *
 * One question is under way at a time; what it answers for a moment that is over is shown until the next
 * answer, as the panes beside it do.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Moment, Watch } from '../api/types';
import { MOST_WATCHES } from '../replay/place';

export class WatchStore {
  readonly expressions: ReadonlySignal<readonly string[]>;
  readonly values = signal<readonly Watch[]>([]);
  readonly failed = signal(false);
  readonly #expressions = signal<readonly string[]>([]);
  readonly #api: Api;
  readonly #id: string;
  readonly #changed: () => void;
  #moment: Moment | null = null;
  #wanted = false;
  #asking = false;

  /** @param changed told when an expression was added or taken away, for the address. */
  constructor(api: Api, id: string, expressions: readonly string[], changed: () => void) {
    this.#api = api;
    this.#id = id;
    this.#changed = changed;
    this.#expressions.value = expressions;
    this.expressions = this.#expressions;
  }

  add(expression: string): void {
    const text = expression.replace(/\s+/g, ' ').trim();
    const known = this.#expressions.value;
    if (text === '' || known.includes(text) || known.length >= MOST_WATCHES) return;
    this.set([...known, text]);
    this.#changed();
  }

  remove(expression: string): void {
    this.set(this.#expressions.value.filter((one) => one !== expression));
    this.values.value = this.values.value.filter((one) => one.expression !== expression);
    this.#changed();
  }

  set(expressions: readonly string[]): void {
    this.#expressions.value = expressions;
    this.#ask();
  }

  /** The page shows this moment now. */
  look(moment: Moment): void {
    this.#moment = moment;
    this.#ask();
  }

  #ask(): void {
    this.#wanted = true;
    if (!this.#asking) void this.#answer();
  }

  async #answer(): Promise<void> {
    this.#asking = true;
    while (this.#wanted && this.#moment !== null && this.#expressions.value.length > 0) {
      this.#wanted = false;
      const { n, frame } = this.#moment;
      const answer = await this.#api
        .watch(this.#id, n, frame, this.#expressions.value)
        .catch(() => null);
      this.failed.value = answer === null;
      if (answer !== null) this.values.value = answer.watches;
    }
    this.#asking = false;
  }
}
