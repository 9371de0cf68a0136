/** The keys of the player, and what they do. */
import { SPEEDS } from '../replay/clock';
import type { PlayerStore } from '../state/player';

export interface KeyBinding {
  /** As `nameOf` writes them. */
  readonly keys: readonly string[];
  readonly does: string;
  readonly act: (player: PlayerStore) => void;
}

export const KEY_BINDINGS: readonly KeyBinding[] = [
  {
    keys: ['Space'],
    does: 'play, pause',
    act: (p) => {
      p.toggle();
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
      p.help.value = false;
    },
  },
];

/** Keys that other parts of the page answer to, for the list in the help. */
export const OTHER_KEYS: readonly Omit<KeyBinding, 'act'>[] = [{ keys: ['/'], does: 'search' }];

const ACTIONS = new Map(KEY_BINDINGS.flatMap(({ keys, act }) => keys.map((key) => [key, act])));

/** Does what the key stands for; a key that stands for nothing is left to the browser. */
export function pressed(event: KeyboardEvent, player: PlayerStore): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const act = ACTIONS.get(nameOf(event));
  if (act === undefined || (event.key === ' ' && isButton(event.target))) return;
  event.preventDefault();
  act(player);
}

/** Whether the key goes into a text that the reader is writing. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    (target.matches('input, textarea, select') || target.isContentEditable)
  );
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

function nameOf(event: KeyboardEvent): string {
  const name = NAMES[event.key] ?? event.key;
  return event.shiftKey && event.key.startsWith('Arrow') ? `⇧ ${name}` : name;
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a') !== null;
}

function changeSpeed(player: PlayerStore, by: number): void {
  const speed = SPEEDS[SPEEDS.indexOf(player.speed.value) + by];
  if (speed !== undefined) player.setSpeed(speed);
}
