/**
 * The address bar: which page, which session, which moment. Reading and writing are exact opposites.
 */
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
}

export interface NowherePlace {
  readonly page: 'nowhere';
  readonly path: string;
}

export type Place = SessionsPlace | PlayerPlace | NowherePlace;

export function parsePlace(path: string, search: string): Place {
  const parameters = new URLSearchParams(search);
  if (path === '/' || path === '/sessions')
    return { page: 'sessions', query: parameters.get('q') ?? '' };
  const id = /^\/sessions\/([^/]+)\/?$/.exec(path)?.[1];
  if (id === undefined) return { page: 'nowhere', path };
  const speed = Number(parameters.get('speed') ?? '1');
  return {
    page: 'player',
    id: decode(id),
    n: natural(parameters.get('n')),
    frame: natural(parameters.get('frame')),
    speed: isSpeed(speed) ? speed : 1,
  };
}

export function formatPlace(place: Place): string {
  if (place.page === 'nowhere') return place.path;
  const parameters = new URLSearchParams();
  if (place.page === 'sessions') {
    if (place.query !== '') parameters.set('q', place.query);
    return withSearch('/', parameters);
  }
  if (place.n !== null) parameters.set('n', String(place.n));
  if (place.frame !== null) parameters.set('frame', String(place.frame));
  if (place.speed !== 1) parameters.set('speed', String(place.speed));
  return withSearch(`/sessions/${encodeURIComponent(place.id)}`, parameters);
}

/** The address of a moment, as links give it. */
export function momentAddress(id: string, n: number | null): string {
  return formatPlace({ page: 'player', id, n, frame: null, speed: 1 });
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
