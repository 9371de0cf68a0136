/** Code cut at the names of variables, so that each can tell what it is worth. */

export interface Word {
  readonly text: string;
  /** The variable's value; null for all that is no variable. */
  readonly value: string | null;
}

const NAME = /(?<![\p{L}\p{N}_.])[\p{L}_][\p{L}\p{N}_]*/gu;

/** The pieces of `text`, which joined are `text`. */
export function wordsOf(text: string, values: ReadonlyMap<string, string>): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (const { 0: name, index } of text.matchAll(NAME)) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (index > at) words.push({ text: text.slice(at, index), value: null });
    words.push({ text: name, value });
    at = index + name.length;
  }
  if (at < text.length) words.push({ text: text.slice(at), value: null });
  return words;
}
