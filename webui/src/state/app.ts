/**
 * The store of the whole page: which page it is, the list, the session that is open, the connection.
 * Made once, in `main.tsx`; views are handed it and call its verbs.
 */
import { signal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Live, LiveEvents } from '../api/live';
import type { Place, PlayerPlace } from '../replay/place';
import type { Address } from './address';
import { PlayerStore } from './player';
import type { Pulse } from './playback';
import { SessionsStore } from './sessions';

export interface Surroundings {
  readonly api: Api;
  readonly address: Address;
  readonly connect: (events: LiveEvents) => Live;
  readonly pulse: Pulse;
}

export class AppStore {
  readonly place;
  readonly player = signal<PlayerStore | null>(null);
  /** Null until the first connection was tried. */
  readonly connected = signal<boolean | null>(null);
  readonly sessions: SessionsStore;
  readonly #around: Surroundings;
  readonly #live: Live;

  constructor(around: Surroundings) {
    this.#around = around;
    this.place = signal<Place>(around.address.read());
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

  #enter(place: Place): void {
    this.place.value = place;
    if (place.page === 'sessions') this.sessions.ask(place.query);
    if (place.page === 'player') this.#open(place);
    else this.#close();
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
