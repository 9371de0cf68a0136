/**
 * The address bar: which page, which session, which moment. Reading and writing are exact opposites.
 */
import type { Pair } from '../api/types';
import { formatRange, parseRange, type Range } from './range';
import { isSpeed, type Speed } from './clock';

export interface SessionsPlace {
  readonly page: 'sessions';
  readonly query: string;
}

export interface PlayerPlace {
  readonly page: 'player';
  readonly id: string;
  /** Null: where the session itself suggests (its error, else its start). */
  readonly n: number | null;
  /** The frame chosen by hand; null: the innermost one. */
  readonly frame: number | null;
  readonly speed: Speed;
  /** Expressions that are watched. */
  readonly watches: readonly string[];
  /** The range of events that the lists keep to; null: all. */
  readonly focus: Range | null;
}

/** What became of the modules of a recording. */
export interface RecordingPlace {
  readonly page: 'recording';
  readonly id: string;
}

/** Two sessions side by side, where they differ. */
export interface ComparisonPlace {
  readonly page: 'comparison';
  readonly one: string;
  readonly other: string;
  /** From where on the difference is looked for; null: from their beginnings. */
  readonly from: Pair | null;
}

export interface NowherePlace {
  readonly page: 'nowhere';
  readonly path: string;
}

/** More are not kept in an address. */
export const MOST_WATCHES = 50;

export type Place = SessionsPlace | PlayerPlace | RecordingPlace | ComparisonPlace | NowherePlace;

export function parsePlace(path: string, search: string): Place {
  const parameters = new URLSearchParams(search);
  if (path === '/' || path === '/sessions')
    return { page: 'sessions', query: parameters.get('q') ?? '' };
  if (path === '/compare') return comparison(parameters);
  const recording = /^\/recordings\/([^/]+)\/?$/.exec(path)?.[1];
  if (recording !== undefined) return { page: 'recording', id: decode(recording) };
  const id = /^\/sessions\/([^/]+)\/?$/.exec(path)?.[1];
  if (id === undefined) return { page: 'nowhere', path };
  const speed = Number(parameters.get('speed') ?? '1');
  return {
    page: 'player',
    id: decode(id),
    n: natural(parameters.get('n')),
    frame: natural(parameters.get('frame')),
    speed: isSpeed(speed) ? speed : 1,
    watches: parameters.getAll('watch').slice(0, MOST_WATCHES),
    focus: parseRange(parameters.get('focus')),
  };
}

function comparison(parameters: URLSearchParams): ComparisonPlace {
  const [n, with_n] = [natural(parameters.get('n')), natural(parameters.get('with_n'))];
  return {
    page: 'comparison',
    one: parameters.get('one') ?? '',
    other: parameters.get('other') ?? '',
    from: n === null || with_n === null ? null : { n, with_n },
  };
}

export function formatPlace(place: Place): string {
  if (place.page === 'nowhere') return place.path;
  if (place.page === 'recording') return `/recordings/${encodeURIComponent(place.id)}`;
  const parameters = new URLSearchParams();
  if (place.page === 'sessions') {
    if (place.query !== '') parameters.set('q', place.query);
    return withSearch('/', parameters);
  }
  if (place.page === 'comparison') {
    parameters.set('one', place.one);
    parameters.set('other', place.other);
    if (place.from !== null) {
      parameters.set('n', String(place.from.n));
      parameters.set('with_n', String(place.from.with_n));
    }
    return withSearch('/compare', parameters);
  }
  if (place.n !== null) parameters.set('n', String(place.n));
  if (place.frame !== null) parameters.set('frame', String(place.frame));
  if (place.speed !== 1) parameters.set('speed', String(place.speed));
  if (place.focus !== null) parameters.set('focus', formatRange(place.focus));
  for (const watch of place.watches) parameters.append('watch', watch);
  return withSearch(`/sessions/${encodeURIComponent(place.id)}`, parameters);
}

/** The address of a moment, as links give it. */
export function momentAddress(id: string, n: number | null): string {
  return formatPlace(momentPlace(id, n));
}

/** A session in the player, at a moment and else as it is by itself. */
export function momentPlace(id: string, n: number | null): PlayerPlace {
  return { page: 'player', id, n, frame: null, speed: 1, watches: [], focus: null };
}

function withSearch(path: string, parameters: URLSearchParams): string {
  const search = parameters.toString();
  return search === '' ? path : `${path}?${search}`;
}

function natural(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
