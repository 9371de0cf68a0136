/**
 * Pages that were read, the least recently used of them forgotten first.
 *
 * A page that has grown since (the last one of a running session) is given as it was, and `lacks` says
 * that it should be read again.
 */
import type { Segment } from './rows';

interface Page<T> {
  readonly from: number;
  readonly to: number;
  readonly items: readonly T[];
}

export class Pages<T> {
  readonly #pages = new Map<number, Page<T>>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(segment: Segment): readonly T[] | undefined {
    const page = this.#pages.get(segment.index);
    if (page?.from !== segment.from) return undefined;
    this.#pages.delete(segment.index);
    this.#pages.set(segment.index, page);
    return page.items;
  }

  lacks(segment: Segment): boolean {
    const page = this.#pages.get(segment.index);
    return page?.from !== segment.from || page.to < segment.to;
  }

  put(segment: Segment, items: readonly T[]): void {
    this.#pages.delete(segment.index);
    this.#pages.set(segment.index, { from: segment.from, to: segment.to, items });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#capacity) break;
      this.#pages.delete(oldest);
    }
  }

  clear(): void {
    this.#pages.clear();
  }
}
