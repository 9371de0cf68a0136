/**
 * What of the session is looked at: the part of the timeline that is seen, and the focus, a range of events
 * that every list keeps to.
 *
 * Of a session too large to be told whole, the part that is seen is read again, so that it is told better
 * the closer one looks.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Timeline, TimelinePart } from '../api/types';
import { MARK_KINDS, marksOf, type Mark, type MarkKind } from '../replay/marks';
import type { Range } from '../replay/range';
import { eventAt, eventAtPlace, placeOf, timeOf, type Axis } from '../replay/timeline';
import { WHOLE, around, holding, isWhole, panned, zoomed, type View } from '../replay/zoom';
import { turned } from '../replay/turned';
import { throttled } from './timing';

const BUCKETS = 480;
/** The most that the server gives: so that the closest look is off by some events only. */
const DETAIL_BUCKETS = 2000;
const DETAIL_MS = 250;

export class ViewStore {
  readonly axis = signal<Axis>('time');
  /** Kinds whose marks are left out. */
  readonly hiddenMarks = signal<ReadonlySet<MarkKind>>(new Set());
  /** The marks that the strip shows. */
  readonly marks: ReadonlySignal<readonly Mark[]>;
  readonly view = signal<View>(WHOLE);
  readonly focus: ReadonlySignal<Range | null>;
  /** The timeline of the focus, or of the session while there is none. */
  readonly told: ReadonlySignal<Timeline>;
  /** What the strip shows: more of a part that is seen, where that was read. */
  readonly drawn: ReadonlySignal<Timeline>;
  readonly #focus = signal<Range | null>(null);
  readonly #focused = signal<Timeline | null>(null);
  readonly #detail = signal<Timeline | null>(null);
  readonly #whole: ReadonlySignal<Timeline>;
  readonly #api: Api;
  readonly #id: string;
  readonly #changed: () => void;
  readonly #readDetail: () => void;

  /** @param changed told when the focus is another one, for the address and the lists. */
  constructor(api: Api, id: string, whole: ReadonlySignal<Timeline>, changed: () => void) {
    this.#api = api;
    this.#id = id;
    this.#whole = whole;
    this.#changed = changed;
    this.focus = this.#focus;
    this.told = computed(() => (this.#focus.value && this.#focused.value) ?? whole.value);
    this.drawn = computed(() => this.#detail.value ?? whole.value);
    this.marks = computed(() =>
      MARK_KINDS.filter((kind) => !this.hiddenMarks.value.has(kind)).flatMap((kind) =>
        marksOf(this.drawn.value, kind),
      ),
    );
    this.#readDetail = throttled(DETAIL_MS, () => void this.#read());
  }

  /** Closer or further off around a place of what is seen, 0 to 1. */
  zoom(at: number, factor: number): void {
    this.#look(zoomed(this.view.value, at, factor));
  }

  /** The event at a place of the strip. */
  eventAt(place: number): number {
    const { value: whole } = this.#whole;
    const detail = this.#detail.value;
    const time = place * whole.duration_ns;
    const [start, end] = [detail?.buckets[0]?.start_ns, detail?.buckets.at(-1)?.end_ns];
    const known = start !== undefined && end !== undefined && start <= time && time <= end;
    if (this.axis.value === 'time' && detail && known) return eventAt(detail, time);
    return eventAtPlace(whole, this.axis.value, place);
  }

  /** The place of event `n` on the strip; `time` is its time, where that is known. */
  placeOf(n: number, time?: number): number {
    const detail = this.#detail.value;
    const known = detail && detail.first <= n && n <= detail.last;
    const exact = time ?? (known ? timeOf(detail, n) : undefined);
    return placeOf(this.#whole.value, this.axis.value, n, exact);
  }

  /** Closer or further off around event `n`. */
  zoomAt(n: number, factor: number): void {
    const place = this.placeOf(n);
    const { from, to } = holding(this.view.value, place);
    this.#look(zoomed({ from, to }, (place - from) / (to - from), factor));
  }

  pan(by: number): void {
    this.#look(panned(this.view.value, by));
  }

  showWhole(): void {
    this.#look(WHOLE);
  }

  /** Shows a range of events as wide as it goes. */
  show({ first, last }: Range): void {
    this.#look(around(this.placeOf(first), this.placeOf(last)));
  }

  /** The cursor went to event `n`: it stays in sight. */
  follow(n: number): void {
    if (isWhole(this.view.value)) return;
    const place = this.placeOf(n);
    const view = holding(this.view.value, place);
    if (view !== this.view.value) this.#look(view);
  }

  turnMarks(kind: MarkKind): void {
    this.hiddenMarks.value = turned(this.hiddenMarks.value, kind);
  }

  turnAxis(): void {
    const seen = this.#seen();
    this.axis.value = this.axis.value === 'time' ? 'events' : 'time';
    if (!isWhole(this.view.value)) this.show(seen);
  }

  /** From now on every list keeps to these events; null: to all. */
  setFocus(range: Range | null): void {
    this.restore(range);
    this.#changed();
  }

  /** As `setFocus`, of an address. */
  restore(range: Range | null): void {
    this.#focus.value = range;
    this.#focused.value = null;
    if (range !== null) void this.#readFocus(range);
  }

  /** The focus on what is seen. */
  focusOnSeen(): void {
    this.setFocus(this.#seen());
  }

  #seen(): Range {
    const { from, to } = this.view.value;
    const first = this.eventAt(from);
    return { first, last: Math.max(first, this.eventAt(to)) };
  }

  #look(view: View): void {
    this.view.value = view;
    this.#readDetail();
  }

  async #read(): Promise<void> {
    const view = this.view.value;
    if (this.#whole.value.spans_complete || isWhole(view)) {
      this.#detail.value = null;
      return;
    }
    const detail = await this.#ask(this.#part(view), DETAIL_BUCKETS);
    if (detail !== null && this.view.value === view) this.#detail.value = detail;
  }

  async #readFocus(range: Range): Promise<void> {
    const focused = await this.#ask({ from: range.first, to: range.last }, BUCKETS);
    if (this.#focus.value !== range) return;
    this.#focused.value = focused;
  }

  #part({ from, to }: View): TimelinePart {
    const { duration_ns: duration, first, last } = this.#whole.value;
    if (this.axis.value === 'time') {
      return { start_ns: Math.floor(from * duration), end_ns: Math.ceil(to * duration) };
    }
    const at = (place: number): number => Math.round(first + place * (last - first));
    return { from: at(from), to: at(to) };
  }

  #ask(part: TimelinePart, buckets: number): Promise<Timeline | null> {
    return this.#api.timeline(this.#id, buckets, part).catch(() => null);
  }

  /** When the focus begins and ends, nanoseconds since the session's start. */
  get focusTimes(): readonly [number, number] | null {
    const range = this.#focus.value;
    if (range === null) return null;
    const timeline = this.told.value;
    return [timeOf(timeline, range.first), timeOf(timeline, range.last)];
  }
}
