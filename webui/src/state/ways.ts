/** The way of the exception that is looked at; those that were read are kept, as the past does not change. */
import { signal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Way } from '../api/types';

export class WayStore {
  readonly #known = signal<ReadonlyMap<number, Way | null>>(new Map());
  readonly #asked = new Set<number>();
  readonly #api: Api;
  readonly #id: string;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** The way of the exception first seen at event `n`: undefined until it is read, null if that failed. */
  of(n: number): Way | null | undefined {
    return this.#known.value.get(n);
  }

  /** Reads it, unless it is known. `growing`: it may go on, so it is read again the next time. */
  async look(n: number, growing: boolean): Promise<void> {
    if (this.#asked.has(n)) return;
    this.#asked.add(n);
    const way = await this.#api.way(this.#id, n).catch(() => null);
    if (way === null || growing) this.#asked.delete(n);
    this.#known.value = new Map(this.#known.value).set(n, way);
  }
}
