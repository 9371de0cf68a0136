/**
 * What the session has printed and logged, as one list of lines around the cursor.
 *
 * Lines are no events: how many there are is known only where they were read. So a stretch of them is held,
 * which grows forwards as it is looked at; from far away it begins anew a little before the cursor.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { PrintedLine } from '../api/types';
import type { Cursor } from '../replay/cursor';
import { STREAMS, eventsBetween, joined, startBefore, type Stream } from '../replay/output';
import type { Range } from '../replay/range';
import { turned } from '../replay/turned';
import { pause } from './timing';
import type { ViewStore } from './view';

/** Lines that a browser holds; who reads on leaves the earlier ones. */
const MOST = 50_000;
/** Printing events before the cursor that a new stretch begins with. */
const BEFORE = 500;
/** From so many of them on it is quicker to begin anew. */
const FAR = 4000;
/** Rows from the end that are looked at as more is read. */
const AHEAD = 60;
const RETRY_MS = 2000;

export class OutputStore {
  /** Streams that are left out of the list. */
  readonly hidden = signal<ReadonlySet<Stream>>(new Set());
  readonly failed = signal(false);
  readonly shown: ReadonlySignal<readonly PrintedLine[]>;
  /** Whether something was printed before the lines that are here. */
  readonly hasEarlier: ReadonlySignal<boolean>;
  /** The cursor's event when the reader went to the beginning: until it moves, the list is theirs. */
  readonly left = signal<number | null>(null);
  readonly #lines = signal<readonly PrintedLine[]>([]);
  /** The events whose lines are here: from the first up to `told`. */
  readonly #from = signal(0);
  readonly #told = signal(0);
  readonly #bounds: ReadonlySignal<Range>;
  readonly #view: Pick<ViewStore, 'focus' | 'told'>;
  readonly #api: Api;
  readonly #id: string;
  #reading = false;
  /** A stretch that was left: what still arrives for it is dropped. */
  #stretch = 0;

  constructor(
    api: Api,
    id: string,
    cursor: ReadonlySignal<Cursor>,
    view: Pick<ViewStore, 'focus' | 'told'>,
  ) {
    this.#api = api;
    this.#id = id;
    this.#view = view;
    this.#bounds = computed(() => {
      const { first, last } = cursor.value;
      return view.focus.value ?? { first, last };
    });
    this.shown = computed(() =>
      this.#lines.value.filter(({ stream }) => !this.hidden.value.has(stream)),
    );
    this.hasEarlier = computed(() => {
      const { first } = this.#bounds.value;
      return eventsBetween(view.told.value.buckets, first, this.#from.value - 1) > 0;
    });
    view.focus.subscribe(() => {
      this.#begin(0);
    });
  }

  turn(stream: Stream): void {
    this.hidden.value = turned(this.hidden.value, stream);
  }

  /** The cursor stands at `n`: reads up to there what is missing, and a page of what comes after. */
  async need(n: number): Promise<void> {
    const { first, last } = this.#bounds.peek();
    if (last <= 0 || this.#reading || this.left.peek() === n) return;
    this.left.value = null;
    const at = Math.min(last, Math.max(first, n));
    const { buckets } = this.#view.told.peek();
    const [from, told] = [this.#from.peek(), this.#told.peek()];
    const isFar = eventsBetween(buckets, told + 1, at) > FAR;
    if (from === 0 || at < from || isFar) this.#begin(startBefore(buckets, first, at, BEFORE));
    const stretch = this.#stretch;
    while (stretch === this.#stretch && this.#told.peek() < at) {
      if (!(await this.#more())) return;
    }
    const after = this.#lines.peek().at(-1);
    if (after === undefined || after.n <= at) await this.#more();
  }

  /** Rows up to there are on the screen. */
  look(to: number): void {
    if (to >= this.shown.peek().length - AHEAD) void this.#more();
  }

  /** From the first line on, while the cursor stays at `n`. */
  async fromBeginning(n: number): Promise<void> {
    this.#begin(this.#bounds.peek().first);
    this.left.value = n;
    await this.#more();
  }

  #begin(from: number): void {
    this.#stretch += 1;
    batch(() => {
      this.#lines.value = [];
      this.#from.value = from;
      this.#told.value = from - 1;
    });
  }

  /** Reads the next page; false where nothing more is to be had now. */
  async #more(): Promise<boolean> {
    const { last } = this.#bounds.peek();
    const from = this.#told.peek() + 1;
    const { buckets } = this.#view.told.peek();
    if (this.#reading || from < 1 || from > last) return false;
    if (eventsBetween(buckets, from, last) === 0) return false;
    if (this.#lines.peek().length >= MOST) this.#begin(from);
    this.#reading = true;
    const stretch = this.#stretch;
    try {
      const query = { from, to: last, stream: STREAMS.join(',') };
      const { lines, next } = await this.#api.output(this.#id, query);
      if (stretch !== this.#stretch) return false;
      batch(() => {
        this.#lines.value = joined(this.#lines.value, lines);
        this.#told.value = next === null ? last : next - 1;
        this.failed.value = false;
      });
      return true;
    } catch {
      this.failed.value = true;
      await pause(RETRY_MS);
      return false;
    } finally {
      this.#reading = false;
    }
  }
}
