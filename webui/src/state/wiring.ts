/** What a session's store is given of its surroundings. */
import type { Api } from '../api/client';
import type { PlayerPlace } from '../replay/place';
import type { Pulse } from './playback';

export interface PlayerWiring {
  readonly api: Api;
  readonly pulse: Pulse;
  /** The reader is elsewhere now; a jump is worth an entry in the browser's history. */
  readonly moved: (place: PlayerPlace, jump: boolean) => void;
}
