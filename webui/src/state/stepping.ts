/**
 * Steps that must be looked for: over and out, both ways. Reads pages of events until one answers; a newer
 * wish of the reader ends the search.
 */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Timeline } from '../api/types';
import type { Cursor } from '../replay/cursor';
import { nearest, SpanIndex, type Direction, type Goal } from '../replay/jumps';
import { knowsExceptions } from '../replay/timeline';
import type { EventStore } from './events';

export class Stepping {
  readonly spans: ReadonlySignal<SpanIndex>;
  readonly #events: EventStore;
  readonly #cursor: ReadonlySignal<Cursor>;
  readonly #timeline: ReadonlySignal<Timeline>;
  #search = 0;

  constructor(
    events: EventStore,
    cursor: ReadonlySignal<Cursor>,
    timeline: ReadonlySignal<Timeline>,
  ) {
    this.#events = events;
    this.#cursor = cursor;
    this.#timeline = timeline;
    this.spans = computed(() => new SpanIndex(timeline.value.spans));
  }

  /** Ends a search that is under way. */
  cancel(): void {
    this.#search += 1;
  }

  /** The next event in this frame or an outer one; null where there is none, or it was cancelled. */
  over(direction: Direction): Promise<number | null> {
    return this.#find(direction, 0);
  }

  /** The next event in an outer frame. */
  out(direction: Direction): Promise<number | null> {
    return this.#find(direction, 1);
  }

  /** The next exception; of a session too large for its timeline to know them all, found by asking. */
  async exception(direction: Direction): Promise<number | null> {
    const search = (this.#search += 1);
    const { n, first, last } = this.#cursor.value;
    const timeline = this.#timeline.value;
    if (knowsExceptions(timeline)) {
      const marks = timeline.exceptions.map((mark) => mark.n);
      return (direction === 1 ? marks.find((m) => m > n) : marks.findLast((m) => m < n)) ?? null;
    }
    const found =
      direction === 1
        ? await this.#events.firstOf('exception', n + 1, last)
        : await this.#events.lastOf('exception', first, n - 1);
    return search === this.#search ? found : null;
  }

  async #find(direction: Direction, outwards: number): Promise<number | null> {
    const search = (this.#search += 1);
    const from = this.#cursor.value.n;
    const here = await this.#depth(from);
    if (here === undefined) return null;
    const goal = { from, direction, depth: Math.max(0, here - outwards) };
    for (;;) {
      const finding = this.#look(goal);
      if ('found' in finding) return search === this.#search ? finding.found : null;
      const depth = await this.#depth(finding.need);
      if (search !== this.#search || depth === undefined) return null;
    }
  }

  #look(goal: Goal): ReturnType<typeof nearest> {
    const { first, last } = this.#cursor.value;
    return nearest(goal, {
      first,
      last,
      depthOf: (n) => this.#events.at(n)?.depth,
      around: (n, depth) => this.spans.value.around(n, depth),
    });
  }

  async #depth(n: number): Promise<number | undefined> {
    await this.#events.need(n);
    return this.#events.at(n)?.depth;
  }
}
