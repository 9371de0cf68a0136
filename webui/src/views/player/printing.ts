/** Questions about what stands in the source: a line's print, a variable's history. */
import { suggested } from '../../replay/prints';
import type { LinePlace } from '../../state/lines';
import type { PlayerStore } from '../../state/player';

/** Opens the print of a line, with the variables that it speaks of to begin with. */
export function printAt(player: PlayerStore, place: LinePlace): void {
  const line = player.sources.of(place.file).value.text[place.line - 1] ?? '';
  const variables = player.moments.shown.value?.variables.map(({ name }) => name) ?? [];
  player.prints.open({ file: place.file, line: place.line }, suggested(line, variables));
}

/** Opens all values of a variable of the frame that is shown. */
export function openHistory(player: PlayerStore, variable: string): void {
  const moment = player.moments.shown.value;
  const frame = moment?.stack.find((open) => open.frame === moment.frame);
  if (frame) player.history.open({ variable, function: frame.function });
}
