/**
 * Words of a search box: `status:error function:pay last:24h some text`.
 *
 * Keys that are not known are text, so that a search for `a:b` finds `a:b`. Quotes hold words together.
 */
import type { SessionQuery } from '../api/types';

export interface Words {
  readonly keys: ReadonlyMap<string, string>;
  readonly text: string;
}

export const SESSION_KEYS = [
  'status',
  'kind',
  'module',
  'function',
  'trigger',
  'recording',
  'tag',
  'service',
  'last',
] as const;
export const EVENT_KEYS = ['kind', 'function', 'variable', 'value'] as const;

/** Keys that a query may hold several times; their values have line ends between them. */
const REPEATED = ['tag'];

export function parseWords(query: string, known: readonly string[]): Words {
  const keys = new Map<string, string>();
  const text: string[] = [];
  for (const word of split(query)) {
    const colon = word.indexOf(':');
    const key = word.slice(0, Math.max(0, colon));
    if (!known.includes(key) || colon === word.length - 1) {
      text.push(word);
      continue;
    }
    const before = REPEATED.includes(key) ? keys.get(key) : undefined;
    const value = word.slice(colon + 1);
    keys.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return { keys, text: text.join(' ') };
}

/** The query with the word of that key set, or taken out where `value` is null; other words stay. */
export function setWord(query: string, key: string, value: string | null): string {
  const others = split(query).filter((word) => !word.startsWith(`${key}:`));
  if (value !== null) others.push(`${key}:${value}`);
  return others.map(quoted).join(' ');
}

/** What the list is asked for; `now` resolves `last:24h`. */
export function sessionQuery(query: string, now: Date): SessionQuery {
  const { keys, text } = parseWords(query, SESSION_KEYS);
  const search = [keys.get('trigger') ?? '', text].filter((part) => part !== '').join(' ');
  const period = periodMs(keys.get('last'));
  return {
    ...pick(keys, 'status'),
    ...pick(keys, 'kind'),
    ...pick(keys, 'module'),
    ...pick(keys, 'function'),
    ...pick(keys, 'recording'),
    ...(keys.has('tag') ? { tags: keys.get('tag') ?? '' } : {}),
    ...pick(keys, 'service'),
    ...(search === '' ? {} : { search }),
    ...(period === null ? {} : { after: new Date(now.getTime() - period).toISOString() }),
  };
}

const UNITS: Readonly<Record<string, number>> = { m: 60e3, h: 3600e3, d: 86400e3 };

/** `15m`, `24h`, `7d` in milliseconds; null for anything else. */
export function periodMs(text: string | undefined): number | null {
  const match = /^(\d{1,6})([mhd])$/.exec(text ?? '');
  const unit = UNITS[match?.[2] ?? ''];
  return unit === undefined ? null : Number(match?.[1]) * unit;
}

function split(query: string): string[] {
  const words = query.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return words.map((word) => word.replaceAll('"', '')).filter((word) => word !== '');
}

function quoted(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}

function pick(keys: ReadonlyMap<string, string>, key: string): Record<string, string> {
  const value = keys.get(key);
  return value === undefined ? {} : { [key]: value };
}
