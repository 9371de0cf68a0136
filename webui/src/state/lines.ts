/** Jumps from one time that a line ran to another; says so where there is none. */
import { signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Direction } from '../replay/jumps';

export interface LinePlace {
  readonly file: string;
  readonly line: number;
}

export class LineJumps {
  /** Why the latest jump led nowhere; null where it led somewhere. */
  readonly notice = signal<string | null>(null);
  readonly #api: Api;
  readonly #id: string;
  #asking = 0;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** The event at which the line ran next after event `n`, or last before it; null where it did not. */
  async find({ file, line }: LinePlace, n: number, direction: Direction): Promise<number | null> {
    const asking = (this.#asking += 1);
    const found = await this.#ask(file, line, n, direction);
    if (asking !== this.#asking) return null;
    this.notice.value = typeof found === 'string' ? found : null;
    return typeof found === 'string' ? null : found;
  }

  async #ask(file: string, line: number, n: number, way: Direction): Promise<number | string> {
    try {
      const { next, previous } = await this.#api.hits(this.#id, file, line, n);
      const found = way === 1 ? next : previous;
      if (found !== null) return found;
      return way === 1 ? `line ${line} did not run again` : `line ${line} had not run before`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.slug === 'no-such-line'
        ? `line ${line} left no event of its own`
        : error.message;
    }
  }
}
