/**
 * Steps that must be looked for: over and out, both ways. Reads pages of events until one answers; a newer
 * wish of the reader ends the search.
 */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Timeline } from '../api/types';
import type { Cursor } from '../replay/cursor';
import { nearest, SpanIndex, type Direction, type Goal } from '../replay/jumps';
import type { EventStore } from './events';

export class Stepping {
  readonly spans: ReadonlySignal<SpanIndex>;
  readonly #events: EventStore;
  readonly #cursor: ReadonlySignal<Cursor>;
  #search = 0;

  constructor(
    events: EventStore,
    cursor: ReadonlySignal<Cursor>,
    timeline: ReadonlySignal<Timeline>,
  ) {
    this.#events = events;
    this.#cursor = cursor;
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
