/** Jumps to what must be looked for first. */
import type { Session } from '../api/types';
import type { Direction } from '../replay/jumps';
import type { Mark } from '../replay/marks';
import { momentPlace } from '../replay/place';
import type { AppStore } from './app';
import type { LinePlace } from './lines';
import type { PlayerStore } from './player';

/** To the next or previous time that a line ran. */
export async function toLine(
  player: PlayerStore,
  place: LinePlace,
  direction: Direction,
): Promise<void> {
  player.halt();
  const n = await player.lines.find(place, player.cursor.value.n, direction);
  if (n !== null) player.jump(n);
}

/** To the moment of a mark: to the first event of its kind where it stands for several. */
export async function toMark(player: PlayerStore, { kind, n, within }: Mark): Promise<void> {
  player.halt();
  const found =
    within && (await player.events.firstOf(kind, within.first, within.last).catch(() => null));
  player.jump(found ?? n);
}

/** To what another session of the family, or this one, did at a time of it. */
export async function toMomentOf(app: AppStore, { id }: Session, ns: number): Promise<void> {
  const time = Math.round(ns);
  const n = await app.eventAt(id, time).catch(() => null);
  if (app.player.value?.id !== id) app.go(momentPlace(id, n));
  else if (n !== null) app.player.value.jump(n);
}
