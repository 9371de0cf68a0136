/** The keys of the player, and what they do: in the help two stand beside each other. */
import { SPEEDS } from '../replay/clock';
import { toLine } from '../state/leaps';
import type { PlayerStore } from '../state/player';
import { EVENT_BOX } from './player/EventField';
import { WATCH_BOX } from './player/Watches';
import { printAt } from './player/printing';
import type { KeyBinding, KeyHelp } from './keyboard';

/** How far a key moves the timeline, of what is seen. */
const PAN = 0.25;

export const KEY_BINDINGS: readonly KeyBinding<PlayerStore>[] = [
  {
    keys: ['Space'],
    does: 'play, pause',
    act: (p) => {
      p.toggle();
    },
  },
  {
    keys: ['g'],
    does: 'go to an event by its number',
    act: () => {
      document.getElementById(EVENT_BOX)?.focus();
    },
  },
  {
    keys: ['→', 'j'],
    does: 'step',
    act: (p) => {
      p.step(1);
    },
  },
  {
    keys: ['←', 'k'],
    does: 'step back',
    act: (p) => {
      p.step(-1);
    },
  },
  {
    keys: ['⇧ →', 'J'],
    does: 'step over',
    act: (p) => {
      void p.over(1);
    },
  },
  {
    keys: ['⇧ ←', 'K'],
    does: 'step over, back',
    act: (p) => {
      void p.over(-1);
    },
  },
  {
    keys: ['⇧ ↓', 'o'],
    does: 'step out',
    act: (p) => {
      void p.out(1);
    },
  },
  {
    keys: ['⇧ ↑', 'O'],
    does: 'step out, back',
    act: (p) => {
      void p.out(-1);
    },
  },
  {
    keys: ['e'],
    does: 'next exception',
    act: (p) => void p.exception(1),
  },
  {
    keys: ['E'],
    does: 'previous exception',
    act: (p) => void p.exception(-1),
  },
  {
    keys: ['n'],
    does: 'next time this line ran',
    act: (p) => {
      runOf(p, 1);
    },
  },
  {
    keys: ['N'],
    does: 'the time before',
    act: (p) => {
      runOf(p, -1);
    },
  },
  {
    keys: ['Home'],
    does: 'first event',
    act: (p) => {
      p.start();
    },
  },
  {
    keys: ['End'],
    does: 'last event',
    act: (p) => {
      p.end();
    },
  },
  {
    keys: ['z'],
    does: 'look closer at the timeline',
    act: (p) => {
      p.view.zoomAt(p.cursor.value.n, 0.5);
    },
  },
  {
    keys: ['Z'],
    does: 'look from further off',
    act: (p) => {
      p.view.zoomAt(p.cursor.value.n, 2);
    },
  },
  {
    keys: ['l'],
    does: 'further along the timeline',
    act: (p) => {
      p.view.pan(PAN);
    },
  },
  {
    keys: ['h'],
    does: 'back along it',
    act: (p) => {
      p.view.pan(-PAN);
    },
  },
  {
    keys: ['f'],
    does: 'focus on what the timeline shows',
    act: (p) => {
      p.view.focusOnSeen();
    },
  },
  {
    keys: ['F'],
    does: 'no focus',
    act: (p) => {
      p.view.setFocus(null);
    },
  },
  {
    keys: ['+'],
    does: 'faster',
    act: (p) => {
      changeSpeed(p, 1);
    },
  },
  {
    keys: ['-'],
    does: 'slower',
    act: (p) => {
      changeSpeed(p, -1);
    },
  },
  {
    keys: ['0'],
    does: 'the whole timeline',
    act: (p) => {
      p.view.showWhole();
    },
  },
  {
    keys: ['p'],
    does: 'print at this line',
    act: (p) => {
      const { source } = p.moments.shown.value ?? {};
      if (source) printAt(p, source);
    },
  },
  {
    keys: ['w'],
    does: 'watch an expression',
    act: () => {
      document.getElementById(WATCH_BOX)?.focus();
    },
  },
  {
    keys: ['?'],
    does: 'this list',
    act: (p) => {
      p.help.value = !p.help.value;
    },
  },
  {
    keys: ['Esc'],
    does: 'close',
    act: (p) => {
      if (p.help.value) p.help.value = false;
      else if (p.prints.target.value !== null) p.prints.close();
      else p.history.close();
    },
  },
];

/** Keys that other parts of the page answer to, for the list in the help. */
export const OTHER_KEYS: readonly KeyHelp[] = [
  { keys: ['↑', '↓'], does: 'in a list: from row to row' },
  { keys: ['/'], does: 'search' },
  { keys: ['Ctrl F'], does: 'find in the source' },
  { keys: ['⇧ drag'], does: 'choose a focus on the timeline' },
];

/** The next or previous run of the line that is looked at. */
function runOf(player: PlayerStore, direction: 1 | -1): void {
  const { source } = player.moments.shown.value ?? {};
  if (source) void toLine(player, source, direction);
}

function changeSpeed(player: PlayerStore, by: number): void {
  const speed = SPEEDS[SPEEDS.indexOf(player.speed.value) + by];
  if (speed !== undefined) player.setSpeed(speed);
}
