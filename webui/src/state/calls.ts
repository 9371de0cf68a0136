/**
 * Where the call that is looked at stands among the calls of its function, asked of the server: a long
 * session's timeline does not know them all.
 */
import type { Api } from '../api/client';
import type { Hits } from '../api/types';
import { Answers } from './answers';

export class CallStore {
  readonly #places = new Answers<Hits>();
  readonly #api: Api;
  readonly #id: string;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** The place of the call that opened `frame`, null while or where it is not known. */
  of(frame: number): Hits | null {
    return this.#places.of(frame);
  }

  /** Reads it, unless it is known. `growing`: more calls may come, so it is read again the next time. */
  async look(frame: number, growing: boolean): Promise<void> {
    await this.#places.look(
      frame,
      () => this.#api.calls(this.#id, frame),
      () => growing,
    );
  }
}
