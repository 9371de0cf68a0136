/** The keys of the list, and what they do. */
import type { Session } from '../../api/types';
import type { ComparisonPlace, PlayerPlace } from '../../replay/place';
import type { AppStore } from '../../state/app';
import type { KeyBinding, KeyHelp } from '../keyboard';

export const LIST_KEYS: readonly KeyBinding<AppStore>[] = [
  {
    keys: ['↓', 'j'],
    does: 'next session',
    act: ({ sessions }) => {
      sessions.move(1);
    },
  },
  {
    keys: ['↑', 'k'],
    does: 'previous session',
    act: ({ sessions }) => {
      sessions.move(-1);
    },
  },
  {
    keys: ['Enter'],
    does: 'open it',
    act: (app) => {
      const session = app.sessions.reached();
      if (session !== null) app.go(playerOf(session.id));
    },
  },
  {
    keys: ['→', '←'],
    does: 'fold and unfold what is within',
    act: ({ sessions }) => {
      const session = sessions.reached();
      if (session !== null) sessions.turn(session.id);
    },
  },
  {
    keys: ['x'],
    does: 'choose it, or not',
    act: ({ sessions }) => {
      const session = sessions.reached();
      if (session !== null) sessions.choice.turn(session.id);
    },
  },
  {
    keys: ['c'],
    does: 'compare the two that are chosen',
    act: (app) => {
      const comparison = comparisonOf(app.sessions.choice.sessions.value);
      if (comparison !== null) app.go(comparison);
    },
  },
  {
    keys: ['P'],
    does: 'pin what is chosen, or let it go',
    act: ({ sessions: { choice } }) => {
      void choice.pin(!choice.sessions.value.every(({ pinned }) => pinned));
    },
  },
  {
    keys: ['Del'],
    does: 'delete what is chosen',
    act: ({ sessions: { choice } }) => {
      choice.doubting.value = choice.removable.value.length > 0;
    },
  },
  {
    keys: ['a'],
    does: 'show the new sessions above',
    act: ({ sessions }) => {
      sessions.release();
    },
  },
  {
    keys: ['?'],
    does: 'this list',
    act: ({ sessions: { help } }) => {
      help.value = !help.value;
    },
  },
  {
    keys: ['Esc'],
    does: 'close, choose none',
    act: ({ sessions: { choice, help } }) => {
      if (help.value) help.value = false;
      else choice.clear();
    },
  },
];

export const LIST_SHEET: readonly KeyHelp[] = [...LIST_KEYS, { keys: ['/'], does: 'search' }];

/** The comparison of two sessions, the older one first; null of more or fewer. */
export function comparisonOf(sessions: readonly Session[]): ComparisonPlace | null {
  const [one, other, third] = [...sessions].sort((a, b) => (a.start < b.start ? -1 : 1));
  if (one === undefined || other === undefined || third !== undefined) return null;
  return { page: 'comparison', one: one.id, other: other.id, from: null };
}

/** A session where it itself suggests. */
export function playerOf(id: string, n: number | null = null): PlayerPlace {
  return { page: 'player', id, n, frame: null, speed: 1, watches: [], focus: null };
}
