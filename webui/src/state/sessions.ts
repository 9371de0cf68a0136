/**
 * The list of sessions: what the search box asks for, kept up to date while programs run.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, type Api } from '../api/client';
import type { Session, Status } from '../api/types';
import { sessionQuery } from '../replay/query';
import {
  EMPTY_LISTING,
  arranged,
  extended,
  rates,
  refreshed,
  released,
  replaced,
  without,
  type Listing,
  type SessionRow,
} from '../replay/sessions';
import { turned } from '../replay/turned';
import { ChoiceStore } from './choice';
import { pause, throttled } from './timing';

const PAGE = 200;
const REFRESH_MS = 400;
const TYPING_MS = 180;
/** After a failure, before older sessions are asked for again. */
const RETRY_MS = 2000;

export class SessionsStore {
  readonly query = signal('');
  readonly listing = signal<Listing>(EMPTY_LISTING);
  readonly rows: ReadonlySignal<readonly SessionRow[]>;
  readonly total = computed(() => this.listing.value.total);
  /** The first answer to this query is here. */
  readonly loaded = signal(false);
  readonly problem = signal<ApiError | null>(null);
  readonly status = signal<Status | null>(null);
  readonly rates = signal<ReadonlyMap<string, number>>(new Map());
  /** Every kind that was met so far, for the filter. */
  readonly kinds = signal<readonly string[]>([]);
  readonly choice: ChoiceStore;
  /** The row that the keys have reached; null before they are used. */
  readonly at = signal<number | null>(null);
  readonly help = signal(false);
  /** Sees that the server has something new. */
  readonly refresh: () => void;
  readonly #api: Api;
  readonly #queried: (query: string) => void;
  readonly #turned = signal<ReadonlySet<string>>(new Set());
  #undisturbed = true;
  #asking = 0;
  #more = false;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #counted = { at: 0, events: new Map<string, number>() };

  /** @param queried told what the search box holds, for the address. */
  constructor(api: Api, queried: (query: string) => void) {
    this.#api = api;
    this.#queried = queried;
    this.rows = computed(() => arranged(this.listing.value.shown, this.#turned.value));
    this.choice = new ChoiceStore(api, {
      shown: computed(() => this.listing.value.shown),
      put: (session) => {
        this.listing.value = replaced(this.listing.value, session);
      },
      forget: (id) => {
        this.listing.value = without(this.listing.value, id);
      },
    });
    this.refresh = throttled(REFRESH_MS, () => void this.#read());
  }

  /** Asks for the sessions that match; earlier ones are forgotten. */
  ask(query: string): void {
    if (query !== this.query.value) {
      this.#asking += 1;
      batch(() => {
        this.query.value = query;
        this.loaded.value = false;
        this.listing.value = EMPTY_LISTING;
        this.at.value = null;
      });
    }
    this.refresh();
  }

  /** As `ask`, once the reader's hands rest. */
  type(query: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.ask(query);
      this.#queried(query);
    }, TYPING_MS);
  }

  /** Whether the reader looks at the top of the list with nothing else in hand. */
  setUndisturbed(undisturbed: boolean): void {
    this.#undisturbed = undisturbed;
  }

  /** Shows the sessions that wait above. */
  release(): void {
    this.listing.value = released(this.listing.value);
  }

  /** The keys go that many rows down, or up. */
  move(by: number): void {
    const last = this.rows.value.length - 1;
    const at = this.at.value;
    this.at.value = last < 0 ? null : at === null ? 0 : Math.min(last, Math.max(0, at + by));
  }

  /** The session that the keys have reached. */
  reached(): Session | null {
    const at = this.at.value;
    return at === null ? null : (this.rows.value[at]?.session ?? null);
  }

  turn(id: string): void {
    this.#turned.value = turned(this.#turned.value, id);
  }

  /** Reads older sessions, where there are any. */
  async more(): Promise<void> {
    const { shown, above } = this.listing.value;
    const offset = shown.length + above;
    if (this.#more || !this.loaded.value || offset >= this.total.value) return;
    this.#more = true;
    const asking = this.#asking;
    const answer = await this.#answer(offset);
    if (answer === null) await pause(RETRY_MS);
    this.#more = false;
    if (answer === null || asking !== this.#asking) return;
    this.listing.value = extended(this.listing.value, answer.sessions);
  }

  async #read(): Promise<void> {
    const asking = this.#asking;
    const [answer, status] = await Promise.all([
      this.#answer(0),
      this.#api.status().catch(() => null),
    ]);
    if (status !== null) this.status.value = status;
    if (answer === null || asking !== this.#asking) return;
    const { sessions, total } = answer;
    const how = { total, settle: this.#undisturbed || !this.loaded.value };
    batch(() => {
      this.#measure(sessions);
      this.listing.value = refreshed(this.listing.value, sessions, how);
      this.loaded.value = true;
    });
  }

  async #answer(offset: number): Promise<{ sessions: readonly Session[]; total: number } | null> {
    try {
      const query = sessionQuery(this.query.value, new Date());
      const answer = await this.#api.sessions({ ...query, limit: PAGE, offset });
      this.problem.value = null;
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem.value = error;
      return null;
    }
  }

  #measure(sessions: readonly Session[]): void {
    const now = Date.now();
    this.rates.value = rates(this.#counted.events, sessions, now - this.#counted.at);
    this.#counted = { at: now, events: new Map(sessions.map(({ id, events }) => [id, events])) };
    const kinds = new Set([...this.kinds.value, ...sessions.map(({ kind }) => kind)]);
    this.kinds.value = [...kinds].sort();
  }
}
