/**
 * The moment that is shown, and those that were or soon will be.
 *
 * One question is under way at a time; while it is, only the latest wish is kept. So a scrubber that is
 * dragged over a million events asks as often as the server answers, and no more. What is not there yet
 * leaves the previous moment standing.
 */
import { signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Moment } from '../api/types';
import { pause } from './timing';

interface Wish {
  readonly n: number;
  readonly frame: number | null;
}

const KEPT = 400;
/** The most the server gives at once. */
const BATCH = 50;
/** After a failure, before reading ahead again. */
const RETRY_MS = 1000;

export class MomentStore {
  readonly shown = signal<Moment | null>(null);
  readonly problem = signal<ApiError | null>(null);
  readonly #api: Api;
  readonly #id: string;
  readonly #kept = new Map<string, Moment>();
  #wish: Wish | null = null;
  /** What the question under way is about. */
  #asked: Wish | null = null;
  #ahead = false;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** Show event `n`, with the variables of `frame` (null: the innermost one). */
  want(n: number, frame: number | null): void {
    const kept = this.#get(n, frame);
    const comes = this.#asked?.n === n && this.#asked.frame === frame;
    this.#wish = kept === undefined && !comes ? { n, frame } : null;
    if (kept !== undefined) this.#show(kept);
    else if (this.#asked === null) void this.#ask();
  }

  /** How many moments after `n` could be shown at once, up to `last`. */
  ready(n: number, last: number): number {
    let at = n;
    while (at < last && at - n < BATCH && this.#kept.has(keyOf(at + 1, null))) at += 1;
    return at - n;
  }

  /** Reads what comes after `n`, for playing. */
  async readAhead(n: number, last: number): Promise<void> {
    const from = n + this.ready(n, last) + 1;
    if (this.#ahead || from > last || from > n + BATCH / 2) return;
    this.#ahead = true;
    try {
      const to = Math.min(last, from + BATCH - 1);
      const { moments } = await this.#api.moments(this.#id, from, to);
      for (const moment of moments) this.#keep(moment.n, null, moment);
    } catch (error) {
      this.#fail(error);
      await pause(RETRY_MS);
    } finally {
      this.#ahead = false;
    }
  }

  async #ask(): Promise<void> {
    for (let wish = this.#wish; wish !== null; wish = this.#wish) {
      [this.#asked, this.#wish] = [wish, null];
      try {
        const moment = await this.#api.moment(this.#id, wish.n, wish.frame);
        this.#keep(wish.n, wish.frame, moment);
        this.#show(moment);
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#asked = null;
  }

  #show(moment: Moment): void {
    this.shown.value = moment;
    this.problem.value = null;
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.problem.value = error;
  }

  #get(n: number, frame: number | null): Moment | undefined {
    const own = this.#kept.get(keyOf(n, frame));
    if (own !== undefined || frame === null) return own;
    // The innermost frame is often the chosen one, and then its moment is already here.
    const innermost = this.#kept.get(keyOf(n, null));
    return innermost?.frame === frame ? innermost : undefined;
  }

  #keep(n: number, frame: number | null, moment: Moment): void {
    this.#kept.set(keyOf(n, frame), moment);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}

function keyOf(n: number, frame: number | null): string {
  return `${n} ${frame ?? ''}`;
}
