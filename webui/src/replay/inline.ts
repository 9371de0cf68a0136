/**
 * The values that stand beside source lines: where each variable of the chosen frame was last written,
 * how the latest tests came out, and what the current event did.
 */
import type { Moment, RecordedEvent } from '../api/types';
import { exceptionText } from './labels';

export interface Note {
  readonly name: string | null;
  readonly text: string;
  readonly tone: 'plain' | 'fresh' | 'error';
  /** What it was before, where this event changed it. */
  readonly previous: string | null;
  /** The event to go to. */
  readonly n: number;
}

export type Notes = ReadonlyMap<number, readonly Note[]>;

/**
 * @param recent events up to the moment, in order, as far as they are at hand; those of other frames are
 * passed over.
 */
export function notesOf(moment: Moment, recent: readonly RecordedEvent[]): Notes {
  const notes = new Map<number, Note[]>();
  const add = (line: number, note: Note): void => {
    const there = notes.get(line);
    if (there === undefined) notes.set(line, [note]);
    else there.push(note);
  };
  for (const [line, event] of outcomes(moment, recent)) {
    add(line, { ...PLAIN, text: event.text ?? '', n: event.n });
  }
  for (const variable of moment.variables) {
    const { name, text, n, line, changed, previous } = variable;
    add(line, {
      name,
      text,
      n,
      tone: changed ? 'fresh' : 'plain',
      previous: changed ? previous : null,
    });
  }
  const current = currentNote(moment);
  if (current !== null) add(moment.event.line, current);
  // What this event did stands first: a line may have more values than room.
  for (const line of notes.values()) line.sort((a, b) => rank(a) - rank(b));
  return notes;
}

function rank({ tone }: Note): number {
  return tone === 'plain' ? 1 : 0;
}

const PLAIN = { name: null, tone: 'plain', previous: null } as const;

function outcomes(moment: Moment, recent: readonly RecordedEvent[]): Map<number, RecordedEvent> {
  const latest = new Map<number, RecordedEvent>();
  for (const event of recent) {
    if (event.kind !== 'branch' || event.frame !== moment.frame || event.n >= moment.n) continue;
    latest.set(event.line, event);
  }
  if (moment.event.kind === 'branch') latest.delete(moment.event.line);
  return latest;
}

function currentNote({ event, frame }: Moment): Note | null {
  if (event.frame !== frame) return null;
  const text = event.text ?? '';
  if (event.kind === 'branch') return { ...PLAIN, text, tone: 'fresh', n: event.n };
  if (event.kind === 'return' || event.kind === 'yield') {
    return {
      ...PLAIN,
      name: event.kind === 'return' ? 'returns' : 'yields',
      text,
      tone: 'fresh',
      n: event.n,
    };
  }
  if (event.kind === 'exception') {
    return { ...PLAIN, text: exceptionText(event), tone: 'error', n: event.n };
  }
  return null;
}
