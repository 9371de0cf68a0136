/**
 * The list of sessions while it fills: what is shown, what waits above, and who stands under whom.
 */
import type { Session } from '../api/types';

export interface Listing {
  /** Newest first. */
  readonly shown: readonly Session[];
  /** The newest sessions that are known and not shown, so that no row moves under the reader's cursor. */
  readonly waiting: readonly Session[];
  /** How many there are above those that are shown; more than wait where too many came at once. */
  readonly above: number;
  /** How many there were altogether when it was read. */
  readonly total: number;
}

export const EMPTY_LISTING: Listing = { shown: [], waiting: [], above: 0, total: 0 };

export interface Reading {
  /** How many sessions match altogether. */
  readonly total: number;
  /** Show at once what is new. */
  readonly settle: boolean;
}

/**
 * The listing after its newest part was read again: what is in it is up to date, what should be in it
 * and is not no longer matches or is gone.
 */
export function refreshed(
  before: Listing,
  newest: readonly Session[],
  { total, settle }: Reading,
): Listing {
  const fresh = new Map(newest.map((session) => [session.id, session]));
  const known = new Set(before.shown.map(({ id }) => id));
  const whole = newest.length >= total;
  const oldest = whole ? '' : (newest.at(-1)?.start ?? '');
  const shown = before.shown.flatMap((session) => {
    const now = fresh.get(session.id);
    if (now !== undefined) return [now];
    return session.start < oldest ? [session] : [];
  });
  const waiting = newest.filter(({ id }) => !known.has(id));
  // Nothing that is shown is in the newest part: between them are sessions that nobody has read.
  const apart = shown.length > 0 && !whole && !shown.some(({ id }) => fresh.has(id));
  const above = apart
    ? Math.max(waiting.length, before.above + total - before.total)
    : waiting.length;
  const listing = { shown, waiting, above, total };
  return settle ? released(listing) : listing;
}

/** The listing with all that was above in it. Across a gap, what was shown is left to be read again. */
export function released({ shown, waiting, above, total }: Listing): Listing {
  const rest = above > waiting.length ? [] : shown;
  return { shown: [...waiting, ...rest], waiting: [], above: 0, total };
}

/** The listing with an older part behind it. */
export function extended(listing: Listing, older: readonly Session[]): Listing {
  const known = new Set([...listing.shown, ...listing.waiting].map(({ id }) => id));
  return { ...listing, shown: [...listing.shown, ...older.filter(({ id }) => !known.has(id))] };
}

/** The listing with what is now known of one of its sessions. */
export function replaced(listing: Listing, session: Session): Listing {
  const put = (sessions: readonly Session[]): Session[] =>
    sessions.map((known) => (known.id === session.id ? session : known));
  return { ...listing, shown: put(listing.shown), waiting: put(listing.waiting) };
}

export function without(listing: Listing, id: string): Listing {
  const others = (sessions: readonly Session[]): Session[] =>
    sessions.filter((session) => session.id !== id);
  const total = Math.max(0, listing.total - 1);
  return { ...listing, shown: others(listing.shown), waiting: others(listing.waiting), total };
}

export interface SessionRow {
  readonly session: Session;
  /** Its name; what triggered it, where it has none or only that of the session around it. */
  readonly title: string;
  readonly level: number;
  /** How many of its children are in the list. */
  readonly children: number;
  readonly open: boolean;
}

const TOP = '';

/** More children than these are folded until someone asks for them. */
export const MANY = 5;

/**
 * Rows in order: children below their parent, oldest first, where both are in the list.
 *
 * @param turned sessions whose fold is not as it would be by itself.
 */
export function arranged(sessions: readonly Session[], turned: ReadonlySet<string>): SessionRow[] {
  const ids = new Set(sessions.map(({ id }) => id));
  const below = new Map<string, Session[]>();
  for (const session of sessions) {
    const parent = session.parent !== null && ids.has(session.parent) ? session.parent : TOP;
    below.set(parent, [...(below.get(parent) ?? []), session]);
  }
  const rows: SessionRow[] = [];
  const walk = (session: Session, level: number, around: string | null): void => {
    const { id, name, trigger } = session;
    const children = below.get(id) ?? [];
    const open = children.length <= MANY !== turned.has(id);
    const isOwn = name !== null && (name !== around || trigger === '');
    const title = isOwn ? name : trigger;
    rows.push({ session, title, level, children: children.length, open });
    if (open)
      children.toReversed().forEach((child) => {
        walk(child, level + 1, name);
      });
  };
  (below.get(TOP) ?? []).forEach((session) => {
    walk(session, 0, null);
  });
  return rows;
}

/** Events a second of each running session, between two readings of the list. */
export function rates(
  before: ReadonlyMap<string, number>,
  sessions: readonly Session[],
  elapsedMs: number,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id, status, events } of sessions) {
    const then = before.get(id);
    if (status !== 'running' || then === undefined || elapsedMs <= 0) continue;
    found.set(id, Math.max(0, Math.round(((events - then) * 1000) / elapsedMs)));
  }
  return found;
}
