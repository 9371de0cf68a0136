/**
 * The print that is open: a line, expressions, and what they were worth each time the line ran.
 *
 * Rows arrive in pages, one question after the other, up to `AT_ONCE`; further ones when they are asked
 * for. A new question ends the one before it.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { PrintRow } from '../api/types';
import type { Range } from '../replay/range';
import { IN_ORDER, sorted, turned, type Order, type SortKey } from '../replay/prints';

/** Rows that are read without being asked again: they fit into memory and into a plot. */
export const AT_ONCE = 20_000;

export interface Target {
  readonly file: string;
  readonly line: number;
}

export class PrintStore {
  readonly target = signal<Target | null>(null);
  readonly expressions = signal('');
  readonly where = signal('');
  readonly columns = signal<readonly string[]>([]);
  readonly rows = signal<readonly PrintRow[]>([]);
  readonly order = signal<Order>(IN_ORDER);
  readonly shown: ReadonlySignal<readonly PrintRow[]>;
  /** How often the line ran; null where nobody counted. */
  readonly hits = signal<number | null>(null);
  /** How many hits were looked at so far. */
  readonly looked = signal(0);
  readonly reading = signal(false);
  /** Where to go on; null at the end. */
  readonly next = signal<number | null>(null);
  readonly problem = signal<ApiError | null>(null);
  readonly #api: Api;
  readonly #id: string;
  readonly #focus: ReadonlySignal<Range | null>;
  #asking = 0;

  /** @param focus the range of events that it keeps to. */
  constructor(api: Api, id: string, focus: ReadonlySignal<Range | null>) {
    this.#api = api;
    this.#id = id;
    this.#focus = focus;
    this.shown = computed(() => sorted(this.rows.value, this.order.value));
  }

  /** Opens the print of a line; `expressions` is what its box holds at first. */
  open(target: Target, expressions: string): void {
    batch(() => {
      this.target.value = target;
      this.where.value = '';
    });
    this.ask(expressions, '');
  }

  close(): void {
    this.#asking += 1;
    batch(() => {
      this.target.value = null;
      this.rows.value = [];
      this.reading.value = false;
    });
  }

  ask(expressions: string, where: string): void {
    batch(() => {
      this.expressions.value = expressions;
      this.where.value = where;
      this.order.value = IN_ORDER;
      this.rows.value = [];
      this.looked.value = 0;
      this.hits.value = null;
      this.next.value = this.#focus.value?.first ?? 1;
    });
    void this.more();
  }

  /** Asks the same once more: the focus is another one. */
  again(): void {
    if (this.target.value !== null) this.ask(this.expressions.value, this.where.value);
  }

  /** Reads on from where the last page ended. */
  async more(): Promise<void> {
    const asking = (this.#asking += 1);
    const enough = this.rows.value.length + AT_ONCE;
    this.reading.value = true;
    this.problem.value = null;
    while (this.next.value !== null && this.rows.value.length < enough) {
      if (!(await this.#page(asking, this.next.value))) return;
    }
    this.reading.value = false;
  }

  sort(by: SortKey): void {
    this.order.value = turned(this.order.value, by);
  }

  /** Reads one page; false where another question has been asked since, or it failed. */
  async #page(asking: number, from: number): Promise<boolean> {
    const target = this.target.value;
    if (target === null) return false;
    const { file, line } = target;
    const asked = { expressions: this.expressions.value, where: this.where.value, from };
    try {
      const page = await this.#api.print(this.#id, { file, line, ...asked });
      if (asking !== this.#asking) return false;
      batch(() => {
        this.columns.value = page.columns;
        const last = this.#focus.value?.last ?? Infinity;
        const rows = page.rows.filter(({ n }) => n <= last);
        const over = page.next === null || page.next > last;
        this.rows.value = [...this.rows.value, ...rows];
        // Within a focus nobody has counted how often the line ran.
        this.hits.value = this.#focus.value === null ? page.hits : null;
        this.looked.value += page.looked - (page.rows.length - rows.length);
        this.next.value = over ? null : page.next;
      });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asking === this.#asking) this.#fail(error);
      return false;
    }
  }

  #fail(error: ApiError): void {
    batch(() => {
      this.problem.value = error;
      this.reading.value = false;
    });
  }
}
