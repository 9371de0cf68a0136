/**
 * All the values a variable had: a list, or a plot of steps where they are numbers.
 */
import type { RecordedEvent } from '../api/types';

export interface Write {
  readonly n: number;
  readonly line: number;
  readonly text: string;
  readonly number: number | null;
}

/** The writes among `events`, in order; a call's argument counts as one. */
export function writesOf(events: readonly RecordedEvent[], variable: string): Write[] {
  return events.flatMap((event) => {
    const write = writeOf(event, variable);
    return write === null ? [] : [write];
  });
}

function writeOf(event: RecordedEvent, variable: string): Write | null {
  const { n, line } = event;
  if (event.kind === 'call') {
    const value = (event.value as Record<string, unknown> | null)?.[variable];
    if (value === undefined) return null;
    return { n, line, text: plainText(value), number: numberOf(value) };
  }
  if (event.name !== variable) return null;
  return { n, line, text: event.text ?? '', number: numberOf(event.value) };
}

/** A number, or what a well-known number type wrote of itself: `Decimal('0.30')`. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  const text = (value as { text?: unknown } | null)?.text;
  const match = typeof text === 'string' ? /^Decimal\('(-?[\d.]+)'\)$/.exec(text) : null;
  return match === null ? null : Number(match[1]);
}

function plainText(value: unknown): string {
  const text = (value as { text?: unknown } | null)?.text;
  if (typeof text === 'string') return text;
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly write: Write;
}

export interface Plot {
  readonly points: readonly PlotPoint[];
  /** An SVG path of steps. */
  readonly path: string;
}

/** A step plot in a box of that size; null unless there are two writes and all are numbers. */
export function plotOf(writes: readonly Write[], width: number, height: number): Plot | null {
  const values = writes.flatMap(({ number }) => (number === null ? [] : [number]));
  if (values.length < 2 || values.length < writes.length) return null;
  const [low, high] = [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const span = high - low;
  const points = writes.map((write, i) => ({
    x: (i / writes.length) * width,
    y: span === 0 ? height / 2 : height - (((write.number ?? 0) - low) / span) * height,
    write,
  }));
  const round = (value: number): string => value.toFixed(1);
  const steps = points.map(({ x, y }, i) =>
    i === 0 ? `M${round(x)} ${round(y)}` : `H${round(x)}V${round(y)}`,
  );
  return { points, path: `${steps.join('')}H${round(width)}` };
}
