/**
 * The address bar as the stores see it. Pushes are instant; replacements wait a moment and only the last
 * of them is written, as browsers refuse hundreds of them in a few seconds.
 */
import { formatPlace, parsePlace, type Place } from '../replay/place';

export interface Address {
  read(): Place;
  push(place: Place): void;
  replace(place: Place): void;
  /** Called when the reader goes back or forward. */
  onReturn(callback: (place: Place) => void): void;
}

const QUIET_MS = 150;

export function browserAddress(): Address {
  let pending: string | null = null;
  let timer = 0;
  const flush = (): void => {
    window.clearTimeout(timer);
    timer = 0;
    if (pending !== null) window.history.replaceState(null, '', pending);
    pending = null;
  };
  const read = (): Place => parsePlace(window.location.pathname, window.location.search);
  return {
    read,
    push(place) {
      flush();
      window.history.pushState(null, '', formatPlace(place));
    },
    replace(place) {
      pending = formatPlace(place);
      if (timer === 0) timer = window.setTimeout(flush, QUIET_MS);
    },
    onReturn(callback) {
      window.addEventListener('popstate', () => {
        pending = null;
        callback(read());
      });
    },
  };
}
