/**
 * The events of one session, as rows of the list and as ground for steps. Read in pages, as they are
 * looked at.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { RecordedEvent } from '../api/types';
import type { Cursor } from '../replay/cursor';
import { FAMILIES, familyOf, type Family } from '../replay/kinds';
import { Pages } from '../replay/pages';
import { PAGE, filteredRows, wholeRows, type RowMap, type Segment } from '../replay/rows';
import { turned } from '../replay/turned';
import { pause } from './timing';
import type { ViewStore } from './view';

const KEPT_PAGES = 60;
const RETRY_MS = 2000;
/** Events that the server gives at once. */
const MOST = 2000;

interface Found {
  readonly events: readonly RecordedEvent[];
  readonly last: number;
}

export class EventStore {
  /** Families that are left out of the list. */
  readonly hidden = signal<ReadonlySet<Family>>(new Set());
  readonly rows: ReadonlySignal<RowMap>;
  readonly failed = signal(false);
  /** Counts what has arrived; whoever reads pages reads it too. */
  readonly #arrivals = signal(0);
  readonly #whole: ReadonlySignal<RowMap>;
  readonly #api: Api;
  readonly #id: string;
  readonly #view: Pick<ViewStore, 'focus' | 'told'>;
  readonly #allPages = new Pages<RecordedEvent>(KEPT_PAGES);
  readonly #shownPages = new Pages<RecordedEvent>(KEPT_PAGES);
  readonly #underWay = new Set<string>();

  constructor(
    api: Api,
    id: string,
    cursor: ReadonlySignal<Cursor>,
    view: Pick<ViewStore, 'focus' | 'told'>,
  ) {
    this.#api = api;
    this.#id = id;
    this.#view = view;
    const range = computed(() => `${cursor.value.first} ${cursor.value.last}`);
    this.#whole = computed(() => {
      const [first = 0, last = 0] = range.value.split(' ').map(Number);
      return wholeRows(first, last);
    });
    this.rows = computed(() => {
      if (this.hidden.value.size > 0) {
        return filteredRows(view.told.value.buckets, this.#shownFamilies());
      }
      const focus = view.focus.value;
      return focus === null ? this.#whole.value : wholeRows(focus.first, focus.last);
    });
    // Rows of another range are other rows.
    view.told.subscribe(() => {
      this.#shownPages.clear();
      this.#arrivals.value = this.#arrivals.peek() + 1;
    });
  }

  turn(family: Family): void {
    this.#setHidden(turned(this.hidden.value, family));
  }

  showAll(): void {
    this.#setHidden(new Set());
  }

  /** The event in that row of the list, undefined while it is not loaded. */
  inRow(row: number): RecordedEvent | undefined {
    this.#subscribe();
    const segment = this.rows.value.segmentAt(row);
    return segment && this.#pages.get(segment)?.[row - segment.row];
  }

  /** The row of event `n`, or of the nearest shown one before it. */
  rowOf(n: number): number {
    this.#subscribe();
    const segment = this.rows.value.segmentOf(n);
    if (segment === undefined) return 0;
    if (this.hidden.value.size === 0) {
      return segment.row + Math.min(n, segment.to) - segment.from;
    }
    const before = this.#shownPages.get(segment)?.filter((event) => event.n <= n).length ?? 1;
    return segment.row + Math.max(0, before - 1);
  }

  /** Event `n`, whatever the list leaves out; undefined while it is not loaded. */
  at(n: number): RecordedEvent | undefined {
    this.#subscribe();
    const segment = this.#whole.value.segmentOf(n);
    return segment && this.#allPages.get(segment)?.[n - segment.from];
  }

  /** The loaded events up to `n`, in order, as many pages back as `n` has its own and the one before. */
  recent(n: number): readonly RecordedEvent[] {
    this.#subscribe();
    const own = this.#whole.value.segmentOf(n);
    if (own === undefined) return [];
    const before = this.#whole.value.segmentAt(own.row - 1);
    return [before, own]
      .flatMap((segment) => (segment && this.#allPages.get(segment)) ?? [])
      .filter((event) => event.n <= n);
  }

  /** These rows are on the screen: load what is missing of them. */
  look(from: number, to: number): void {
    const [first, last] = [from, to - 1].map((row) => this.rows.value.segmentAt(row));
    for (const segment of new Set([first, last])) if (segment) void this.#load(segment);
  }

  /** Loads what will be the page of event `n`, before it is known how many events there are. */
  async expect(n: number): Promise<void> {
    const page = wholeRows(1, Math.ceil(n / PAGE) * PAGE).segmentOf(n);
    if (page) await this.#read(page, this.#allPages, undefined);
  }

  /** Loads the page of event `n`, whatever the list leaves out. */
  async need(n: number): Promise<void> {
    const segment = this.#whole.value.segmentOf(n);
    if (segment) await this.#read(segment, this.#allPages, undefined);
  }

  /** The first event of that kind in a range. */
  async firstOf(kind: string, from: number, to: number): Promise<number | null> {
    if (from > to) return null;
    const { events } = await this.#api.events(this.#id, { kind, from, to, limit: 1 });
    return events[0]?.n ?? null;
  }

  /** The last event of that kind in a range: looked for in ever longer stretches back from its end. */
  async lastOf(kind: string, from: number, to: number): Promise<number | null> {
    for (let [end, length] = [to, MOST]; end >= from; end -= length, length *= 2) {
      const start = Math.max(from, end - length + 1);
      const segment = { index: 0, row: 0, rows: length, from: start, to: end };
      const { events } = await this.#ask(segment, kind);
      const last = events.at(-1);
      if (last !== undefined) return last.n;
    }
    return null;
  }

  /** Whoever asks is asked again when a page arrives. */
  #subscribe(): number {
    return this.#arrivals.value;
  }

  /** Every event has its row. */
  get #isWhole(): boolean {
    return this.hidden.value.size === 0 && this.#view.focus.value === null;
  }

  get #pages(): Pages<RecordedEvent> {
    return this.#isWhole ? this.#allPages : this.#shownPages;
  }

  #setHidden(hidden: ReadonlySet<Family>): void {
    this.#shownPages.clear();
    this.hidden.value = hidden;
  }

  #shownFamilies(): Set<Family> {
    return new Set(FAMILIES.filter((family) => !this.hidden.value.has(family)));
  }

  #load(segment: Segment): Promise<void> {
    if (this.hidden.value.size === 0) return this.#read(segment, this.#pages, undefined);
    const shown = this.#shownFamilies();
    const { buckets } = this.#view.told.peek();
    const kinds = new Set(buckets.flatMap((bucket) => Object.keys(bucket.kinds)));
    const asked = [...kinds].filter((kind) => shown.has(familyOf(kind)));
    return this.#read(segment, this.#shownPages, asked.join(','));
  }

  async #read(segment: Segment, pages: Pages<RecordedEvent>, kind?: string): Promise<void> {
    const key = `${segment.from} ${kind ?? ''}`;
    if (!pages.lacks(segment) || this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      const { events, last } = await this.#ask(segment, kind);
      // Behind the session's last event more may come.
      pages.put({ ...segment, to: Math.min(segment.to, last) }, events);
      this.failed.value = false;
    } catch {
      this.failed.value = true;
      // Whoever looks at the list asks again as soon as this is over.
      await pause(RETRY_MS);
    } finally {
      this.#underWay.delete(key);
      this.#arrivals.value += 1;
    }
  }

  /**
   * The events of a segment, and the session's last one; in several answers where it holds more than the
   * server gives at once.
   */
  async #ask({ from, to, rows }: Segment, kind?: string): Promise<Found> {
    const found: RecordedEvent[] = [];
    let [next, end] = [from, to];
    while (found.length < rows && next <= Math.min(to, end)) {
      const limit = Math.min(MOST, rows - found.length);
      const query = { from: next, to, limit, ...(kind === undefined ? {} : { kind }) };
      const { events, last } = await this.#api.events(this.#id, query);
      found.push(...events);
      [next, end] = [(events.at(-1)?.n ?? to) + 1, last];
    }
    return { events: found, last: end };
  }
}
