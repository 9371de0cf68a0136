/**
 * A print's rows as a reader wants them: in another order, as a plot, as a table for another program, and
 * the expression to begin with.
 */
import type { Cell, PrintRow } from '../api/types';
import { KEYWORDS } from './python';

/** A column to sort by: a cell's index, or one of the row's own facts. */
export type SortKey = number | 'n';

export interface Order {
  readonly by: SortKey;
  readonly descending: boolean;
}

export const IN_ORDER: Order = { by: 'n', descending: false };

/** The order after a click on a column's head: its own the first time, then the other way round. */
export function turned(order: Order, by: SortKey): Order {
  return order.by === by ? { by, descending: !order.descending } : { by, descending: false };
}

/** Numbers before texts, and what has no value last, whichever way the rest goes. */
export function sorted(rows: readonly PrintRow[], order: Order): readonly PrintRow[] {
  const { by, descending } = order;
  if (by === 'n') return descending ? rows.toReversed() : rows;
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [a.cells[by], b.cells[by]];
    const missing = Number(left?.text === undefined) - Number(right?.text === undefined);
    return missing || way * compared(left, right) || a.n - b.n;
  });
}

function compared(left: Cell | undefined, right: Cell | undefined): number {
  const [a, b] = [left?.number, right?.number];
  if (a !== undefined && b !== undefined) return a - b;
  if (a !== undefined || b !== undefined) return a === undefined ? 1 : -1;
  const [text, other] = [left?.text ?? '', right?.text ?? ''];
  return text < other ? -1 : Number(text > other);
}

/** Comma-separated values of all rows (RFC 4180): event, milliseconds, and a column an expression. */
export function csvOf(columns: readonly string[], rows: readonly PrintRow[]): string {
  const lines = [['event', 'ms', ...columns]];
  for (const { n, time_ns, cells } of rows) {
    lines.push([String(n), String(time_ns / 1e6), ...cells.map((cell) => cell.text ?? '')]);
  }
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface Series {
  readonly column: number;
  /** An SVG path; a gap where there is no number. */
  readonly path: string;
  readonly low: number;
  readonly high: number;
}

/** More would not be told apart by their colours. */
const MOST_SERIES = 4;

/** The columns that hold numbers, as lines over the hits, in a box of that size. */
export function seriesOf(rows: readonly PrintRow[], width: number, height: number): Series[] {
  if (rows.length < 2) return [];
  const columns = rows[0]?.cells.length ?? 0;
  const found: Series[] = [];
  for (let column = 0; column < columns && found.length < MOST_SERIES; column += 1) {
    const values = rows.map(({ cells }) => cells[column]?.number);
    const series = seriesOfColumn(values, width, height);
    if (series !== null) found.push({ column, ...series });
  }
  return found;
}

function seriesOfColumn(
  values: readonly (number | undefined)[],
  width: number,
  height: number,
): Omit<Series, 'column'> | null {
  const numbers = values.filter((value) => value !== undefined);
  // A few texts among numbers leave gaps; a few numbers among texts are no plot.
  if (numbers.length < 2 || numbers.length * 2 < values.length) return null;
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const y = (value: number): number =>
    high === low ? height / 2 : height - ((value - low) / (high - low)) * height;
  const x = (at: number): number => (at / (values.length - 1)) * width;
  return { path: pathOf(values, width, x, y), low, high };
}

/** At most four points a pixel: where there are more hits, the first, lowest, highest and last of them. */
function pathOf(
  values: readonly (number | undefined)[],
  width: number,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const parts: string[] = [];
  let gap = true;
  for (const at of outline(values, Math.max(1, Math.floor(width)))) {
    const value = values[at];
    if (value === undefined) {
      gap = true;
      continue;
    }
    parts.push(`${gap ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    gap = false;
  }
  return parts.join('');
}

function outline(values: readonly (number | undefined)[], pixels: number): number[] {
  if (values.length <= 4 * pixels) return values.map((_, at) => at);
  const kept: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const from = Math.floor((pixel * values.length) / pixels);
    const to = Math.floor(((pixel + 1) * values.length) / pixels);
    let [low, high] = [from, from];
    for (let at = from; at < to; at += 1) {
      const value = values[at];
      if (value === undefined) continue;
      if (value < (values[low] ?? Infinity)) low = at;
      if (value > (values[high] ?? -Infinity)) high = at;
    }
    kept.push(...[...new Set([from, low, high, to - 1])].sort((a, b) => a - b));
  }
  return kept;
}

const NAME = /(?<![\w.'"])[\p{L}_][\p{L}\p{N}_]*(?!\s*\()/gu;
const MOST_NAMES = 4;

/**
 * The variables that a line of source speaks of, as an expression to begin with: those that are known at
 * the cursor, and where it speaks of none of these, all its names.
 */
export function suggested(line: string, variables: readonly string[]): string {
  const code = line.replace(/#.*$/, '').replace(/(["'])(?:\\.|(?!\1).)*\1/g, "''");
  const words = [...new Set([...code.matchAll(NAME)].map(([name]) => name))];
  const names = words.filter((name) => !KEYWORDS.has(name));
  const known = names.filter((name) => variables.includes(name));
  return (known.length > 0 ? known : names).slice(0, MOST_NAMES).join(', ');
}
