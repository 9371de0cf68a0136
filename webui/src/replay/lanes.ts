/**
 * The sessions of a family side by side, over the time of the clock on the wall.
 *
 * Times are microseconds since 1970, which a number holds exactly.
 */
import type { Session } from '../api/types';

export interface Lane {
  readonly session: Session;
  /** How many parents of it are in the family. */
  readonly level: number;
  /** Where it lies in the family's time, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  readonly start: number;
  readonly end: number;
}

/** @param now the end of what still runs. */
export function lanesOf(sessions: readonly Session[], now: number): Lanes {
  const extents = sessions.map((session) => extentOf(session, now));
  const start = Math.min(...extents.map(([from]) => from));
  const end = Math.max(start + 1, ...extents.map(([, to]) => to));
  const levels = new Map<string, number>();
  const lanes = sessions.map((session, i) => {
    const level = session.parent === null ? 0 : (levels.get(session.parent) ?? -1) + 1;
    levels.set(session.id, level);
    const [from, to] = extents[i] ?? [start, start];
    const share = (time: number): number => (time - start) / (end - start);
    return { session, level, from: share(from), to: share(to) };
  });
  return { lanes, start, end };
}

function extentOf({ start, duration_ns: ns }: Session, now: number): [number, number] {
  const from = microseconds(start);
  return [from, ns === null ? Math.max(from, now) : from + ns / 1000];
}

/** An instant as the API writes it: `2026-01-31T12:00:00.123456Z`. */
export function microseconds(instant: string): number {
  const [seconds = '', fraction = ''] = instant.replace('Z', '').split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** How far into a session that moment lies, ns; at its ends where it lies outside. */
export function within({ start, duration_ns: ns }: Session, time: number): number {
  return Math.min(ns ?? Infinity, Math.max(0, (time - microseconds(start)) * 1000));
}
