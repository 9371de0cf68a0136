/**
 * What one call made of its function: how often each line ran, and which blocks surely did not.
 *
 * A line is called cold only on evidence: its block's header left an event each time it let the program
 * in, and there is none. Lines that leave no events of their own and stand in no such block are not judged.
 */
import type { RecordedEvent } from '../api/types';
import { bodyOf, indentOf, type Block } from './blocks';

export interface Coverage {
  readonly counts: ReadonlyMap<number, number>;
  readonly cold: ReadonlySet<number>;
}

export const NO_COVERAGE: Coverage = { counts: new Map(), cold: new Set() };

/**
 * @param events all events of the call's own frame.
 * @param lines the whole source file.
 * @param recorded the kinds that the session recorded at all: what is missing proves nothing else.
 */
export function coverageOf(
  events: readonly RecordedEvent[],
  lines: readonly string[],
  recorded: ReadonlySet<string>,
): Coverage {
  const opened = events[0];
  if (opened === undefined) return NO_COVERAGE;
  const own = bodyOf(lines, opened.function === '<module>' ? 0 : opened.line);
  return {
    counts: countLines(events),
    cold: coldLines(lines, own, new Evidence(events, recorded)),
  };
}

/** The most often that one and the same probe of a line fired. */
function countLines(events: readonly RecordedEvent[]): Map<number, number> {
  const probes = new Map<string, number>();
  const counts = new Map<number, number>();
  for (const { kind, line, name, detail } of events) {
    if (kind === 'call') continue;
    const probe = `${line} ${kind} ${name ?? ''} ${detail ?? ''}`;
    const count = (probes.get(probe) ?? 0) + 1;
    probes.set(probe, count);
    counts.set(line, Math.max(count, counts.get(line) ?? 0));
  }
  return counts;
}

/** Which headers let the program into their blocks, and which past them. */
class Evidence {
  readonly #seen = new Set<string>();
  readonly #recorded: ReadonlySet<string>;

  constructor(events: readonly RecordedEvent[], recorded: ReadonlySet<string>) {
    this.#recorded = recorded;
    for (const { kind, line, text } of events) {
      this.#seen.add(`${line} ${kind}`);
      if (kind === 'branch') this.#seen.add(`${line} ${text ?? ''}`);
    }
  }

  /** Whether the program surely never went from that header into its block. */
  keptOut(word: string, line: number): boolean {
    if (word === 'if' || word === 'elif') return this.#without('branch', `${line} True`);
    if (word === 'for' || word === 'while') return this.#without('loop', `${line} loop`);
    return word === 'except' && this.#without('handled', `${line} handled`);
  }

  /** Whether the program surely never came to what follows that test when it fails. */
  neverFailed(line: number): boolean {
    return this.#without('branch', `${line} False`);
  }

  #without(kind: string, trace: string): boolean {
    return this.#recorded.has(kind) && !this.#seen.has(trace);
  }
}

const HEADER =
  /^\s*(?:async\s+)?(if|elif|else|while|for|except|try|with|def|class|match|case|finally)\b/;
const TESTS = new Set(['if', 'elif']);

function coldLines(lines: readonly string[], own: Block, evidence: Evidence): Set<number> {
  const cold = new Set<number>();
  // By indentation: the latest header there, which an `elif` or `else` belongs to.
  const before = new Map<number, { readonly word: string; readonly line: number }>();
  let line = own.from;
  while (line <= own.to) {
    const text = lines[line - 1] ?? '';
    const word = HEADER.exec(text)?.[1];
    const block = word === undefined ? null : bodyOf(lines, line);
    if (word === undefined || block === null) {
      line += 1;
      continue;
    }
    const chained = before.get(indentOf(text));
    const skipped =
      (word === 'elif' || word === 'else') &&
      chained !== undefined &&
      TESTS.has(chained.word) &&
      evidence.neverFailed(chained.line);
    if (skipped) cold.add(line);
    const kept = skipped || evidence.keptOut(word, line);
    if (kept) for (let at = block.from; at <= block.to; at += 1) cold.add(at);
    before.set(indentOf(text), { word, line });
    // What is cold, or another function's, is not looked into.
    line = kept || word === 'def' || word === 'class' ? block.to + 1 : block.from;
  }
  return cold;
}
