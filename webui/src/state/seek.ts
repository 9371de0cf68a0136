/** Words that the reader looks for in the source, and the place among their places that is gone to. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { hitsIn, type Hit } from '../replay/hits';

export class SeekStore {
  readonly open = signal(false);
  readonly words = signal('');
  readonly hits: ReadonlySignal<readonly Hit[]>;
  /** The hit that is gone to, null where there is none. */
  readonly hit: ReadonlySignal<Hit | null>;
  /** Its number among them, from 0. */
  readonly at = signal(0);
  readonly #text: ReadonlySignal<readonly string[]>;

  /** @param text the lines that are looked through. */
  constructor(text: ReadonlySignal<readonly string[]>) {
    this.#text = text;
    this.hits = computed(() => (this.open.value ? hitsIn(this.#text.value, this.words.value) : []));
    this.hit = computed(() => this.hits.value[this.at.value] ?? null);
  }

  /** Looks for other words, from a line on. */
  look(words: string, line: number): void {
    this.words.value = words;
    const next = this.hits.value.findIndex((hit) => hit.line >= line);
    this.at.value = Math.max(0, next);
  }

  /** To the next or previous hit, around the ends. */
  go(by: 1 | -1): void {
    const { length } = this.hits.value;
    if (length > 0) this.at.value = (this.at.value + by + length) % length;
  }

  close(): void {
    this.open.value = false;
  }
}
