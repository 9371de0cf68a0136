/**
 * Which iteration of which loop the program is in, within one call.
 *
 * A loop that stands in another one begins anew with each iteration of that one.
 */
import type { RecordedEvent } from '../api/types';
import { bodyOf, type Block } from './blocks';

export interface IterationPlace {
  /** The loop's header. */
  readonly line: number;
  /** From 1. */
  readonly at: number;
  readonly count: number;
  /** Where the iterations before and after this one begin. */
  readonly previous: number | null;
  readonly next: number | null;
}

/**
 * The iteration of the innermost loop around `line` at event `n`; null outside of loops.
 *
 * @param events all events of the call's own frame.
 * @param lines the whole source file.
 */
export function iterationPlace(
  events: readonly RecordedEvent[],
  lines: readonly string[],
  line: number,
  n: number,
): IterationPlace | null {
  const iterations = events.filter(({ kind }) => kind === 'loop');
  const headers = [...new Set(iterations.map((event) => event.line))];
  const around = headers.filter((header) => within(line, lines, header)).sort((a, b) => b - a);
  for (const header of around) {
    const outer = headers.filter((other) => other !== header && within(header, lines, other));
    const run = runAt(iterations, header, new Set(outer), n);
    const at = run.filter((begin) => begin <= n).length;
    if (at === 0) continue;
    const [previous, next] = [run[at - 2] ?? null, run[at] ?? null];
    return { line: header, at, count: run.length, previous, next };
  }
  return null;
}

function within(line: number, lines: readonly string[], header: number): boolean {
  const body: Block = bodyOf(lines, header);
  return line >= header && line <= Math.max(header, body.to);
}

/** Where the iterations of one run of the loop begin: the latest run that had begun at event `n`. */
function runAt(
  iterations: readonly RecordedEvent[],
  header: number,
  outer: ReadonlySet<number>,
  n: number,
): number[] {
  let run: number[] = [];
  for (const event of iterations) {
    if (outer.has(event.line)) {
      if (event.n > n) break;
      run = [];
    } else if (event.line === header) run.push(event.n);
  }
  return run;
}
