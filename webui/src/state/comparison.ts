/** Two sessions that are compared: where they differ, and what stands around that on either side. */
import { batch, signal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Difference, Moment, Pair, RecordedEvent, Session } from '../api/types';
import { BEGIN } from '../replay/comparison';
import type { ComparisonPlace } from '../replay/place';

/** Events that are shown before the difference, and behind it. */
const BEFORE = 6;
const BEHIND = 14;

/** One of the two sessions around the place where they part. */
export interface Side {
  readonly events: readonly RecordedEvent[];
  readonly moment: Moment | null;
}

export interface Parting {
  readonly from: Pair;
  /** Pairs of events that said the same, from there on. */
  readonly same: number;
  /** Null: they do not differ. */
  readonly difference: Difference | null;
  readonly sides: readonly [Side, Side];
}

export class ComparisonStore {
  readonly one: string;
  readonly other: string;
  readonly sessions = signal<readonly [Session, Session] | null>(null);
  /** Null while it is looked for. */
  readonly parting = signal<Parting | null>(null);
  /** Pairs of events that were compared so far. */
  readonly looked = signal(0);
  readonly problem = signal<ApiError | null>(null);
  readonly help = signal(false);
  readonly #api: Api;
  readonly #moved: (place: ComparisonPlace) => void;
  /** Counts the questions; an answer to an earlier one comes too late. */
  #asked = 0;

  /** @param moved told where the difference is looked for now, for the address. */
  constructor(place: ComparisonPlace, api: Api, moved: (place: ComparisonPlace) => void) {
    this.one = place.one;
    this.other = place.other;
    this.#api = api;
    this.#moved = moved;
    void this.look(place.from ?? BEGIN);
  }

  /** Looks for the first difference from a pair of events on. */
  async look(from: Pair): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    batch(() => {
      this.parting.value = null;
      this.looked.value = 0;
      this.problem.value = null;
    });
    try {
      await this.#facts();
      const difference = await this.#find(from, asked);
      if (difference === undefined) return;
      const sides = await this.#around(difference);
      if (asked !== this.#asked) return;
      this.parting.value = { from, same: this.looked.value, difference, sides };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.#asked) this.problem.value = error;
    }
  }

  first(): void {
    this.#go(BEGIN);
  }

  /** On to the next difference, from where both take the same steps again. */
  next(): void {
    const joins = this.parting.value?.difference?.joins;
    if (joins) this.#go(joins);
  }

  close(): void {
    this.#asked += 1;
  }

  #go(from: Pair): void {
    const { one, other } = this;
    this.#moved({ page: 'comparison', one, other, from: from === BEGIN ? null : from });
    void this.look(from);
  }

  async #facts(): Promise<void> {
    const both = [this.#api.session(this.one), this.#api.session(this.other)] as const;
    this.sessions.value = await Promise.all(both);
  }

  /** The difference, null where there is none, undefined where nobody waits for it any more. */
  async #find(from: Pair, asked: number): Promise<Difference | null | undefined> {
    for (let at = from; ;) {
      const { same, difference, next } = await this.#api.difference(this.one, this.other, at);
      if (asked !== this.#asked) return undefined;
      this.looked.value += same;
      if (difference !== null || next === null) return difference;
      at = next;
    }
  }

  #around(difference: Difference | null): Promise<[Side, Side]> {
    const at = (n: number | null | undefined, session: Session | undefined): number =>
      n ?? (session?.events ?? 0) + 1;
    const [mine, theirs] = this.sessions.value ?? [];
    return Promise.all([
      this.#side(this.one, at(difference?.n, mine)),
      this.#side(this.other, at(difference?.with_n, theirs)),
    ]);
  }

  async #side(id: string, n: number): Promise<Side> {
    const range = { from: Math.max(1, n - BEFORE), to: n + BEHIND };
    const [{ events, last }, moment] = await Promise.all([
      this.#api.events(id, range),
      this.#api.moment(id, n, null).catch(() => null),
    ]);
    return { events, moment: n > last ? null : moment };
  }
}
