/** What is played: a session's events from the cursor to the end of the focus, or of all. */
import type { PlayerStore } from './player';
import type { Track } from './playback';

export function trackOf(player: PlayerStore): Track {
  const { moments } = player;
  return {
    speed: () => player.speed.value,
    ready: () => moments.ready(player.cursor.value.n, player.cursor.value.last),
    readAhead: () => void moments.readAhead(player.cursor.value.n, player.cursor.value.last),
    ended: () => endsHere(player) && !player.running.value,
    advance: (steps) => {
      player.advance(steps);
    },
  };
}

/** Whether the cursor stands at the end of what is played. */
export function endsHere(player: PlayerStore): boolean {
  const { n, last } = player.cursor.value;
  return n >= (player.view.focus.value?.last ?? last);
}
