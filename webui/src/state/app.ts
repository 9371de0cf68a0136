/**
 * The store of the whole page: which page it is, the list, the session that is open, the connection.
 * Made once, in `main.tsx`; views are handed it and call its verbs.
 */
import { signal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Live, LiveEvents } from '../api/live';
import type { Place, PlayerPlace } from '../replay/place';
import { eventAt } from '../replay/timeline';
import type { Address } from './address';
import { ComparisonStore } from './comparison';
import { LayoutStore, type Memory } from './layout';
import { PlayerStore } from './player';
import type { Pulse } from './playback';
import { RecordingStore } from './recording';
import { SessionsStore } from './sessions';

/** The most that the server gives: so is an event known to some others. */
const MOST_BUCKETS = 2000;

export interface Surroundings {
  readonly api: Api;
  readonly address: Address;
  readonly connect: (events: LiveEvents) => Live;
  readonly pulse: Pulse;
  readonly memory: Memory;
}

export class AppStore {
  readonly place;
  readonly player = signal<PlayerStore | null>(null);
  readonly recording = signal<RecordingStore | null>(null);
  readonly comparison = signal<ComparisonStore | null>(null);
  /** Null until the first connection was tried. */
  readonly connected = signal<boolean | null>(null);
  readonly sessions: SessionsStore;
  readonly layout: LayoutStore;
  readonly #around: Surroundings;
  readonly #live: Live;

  constructor(around: Surroundings) {
    this.#around = around;
    this.place = signal<Place>(around.address.read());
    this.layout = new LayoutStore(around.memory);
    this.sessions = new SessionsStore(around.api, (query) => {
      around.address.replace({ page: 'sessions', query });
    });
    this.#live = around.connect(this.#liveEvents());
    around.address.onReturn((place) => {
      this.#enter(place);
    });
    this.#enter(this.place.value);
  }

  /** To another page; Back returns. */
  go(place: Place): void {
    this.#around.address.push(place);
    this.#enter(place);
  }

  /** The event of a session that was the latest at a time of it, ns; null where it has none. */
  async eventAt(id: string, time: number): Promise<number | null> {
    const part = { start_ns: time, end_ns: time };
    const near = await this.#around.api.timeline(id, MOST_BUCKETS, part);
    if (near.buckets.length > 0) return eventAt(near, time);
    const whole = await this.#around.api.timeline(id, MOST_BUCKETS);
    return whole.buckets.length > 0 ? eventAt(whole, time) : null;
  }

  #enter(place: Place): void {
    this.place.value = place;
    if (place.page === 'sessions') this.sessions.ask(place.query);
    this.recording.value =
      place.page === 'recording' ? new RecordingStore(this.#around.api, place.id) : null;
    this.#compare(place);
    if (place.page === 'player') this.#open(place);
    else this.#close();
  }

  #compare(place: Place): void {
    this.comparison.value?.close();
    const { api, address } = this.#around;
    this.comparison.value =
      place.page === 'comparison'
        ? new ComparisonStore(place, api, (to) => {
            address.push(to);
          })
        : null;
  }

  #open(place: PlayerPlace): void {
    if (this.player.value?.id === place.id) {
      this.player.value.restore(place);
      return;
    }
    this.#close();
    const { api, pulse, address } = this.#around;
    const moved = (to: PlayerPlace, jump: boolean): void => {
      if (jump) address.push(to);
      else address.replace(to);
    };
    this.player.value = new PlayerStore(place, { api, pulse, moved });
    this.#live.watch(place.id);
  }

  #close(): void {
    this.player.value?.close();
    this.player.value = null;
    this.#live.watch(null);
  }

  #liveEvents(): LiveEvents {
    return {
      onConnection: (connected) => {
        this.connected.value = connected;
      },
      onReturn: () => {
        this.#refreshList();
        void this.player.value?.refresh();
      },
      onSessions: () => {
        this.#refreshList();
        this.player.value?.family.news();
      },
      onSession: (news) => {
        if (news.id === this.player.value?.id) this.player.value.news(news);
      },
    };
  }

  #refreshList(): void {
    if (this.place.value.page === 'sessions') this.sessions.refresh();
  }
}
