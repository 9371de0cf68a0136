/** A range of events that the reader looks at alone: the focus. */

export interface Range {
  readonly first: number;
  readonly last: number;
}

export function isWithin(range: Range | null, n: number): boolean {
  return range === null || (range.first <= n && n <= range.last);
}

/** `58-66`, as an address has it. */
export function formatRange({ first, last }: Range): string {
  return `${first}-${last}`;
}

export function parseRange(text: string | null): Range | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '');
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return first <= last ? { first, last } : null;
}
