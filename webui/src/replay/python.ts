/**
 * Python source cut into coloured pieces, line by line. A reader's aid and no parser: it never fails, and
 * the pieces of a line joined are the line, whatever it holds.
 */

export type Tone =
  'plain' | 'keyword' | 'string' | 'number' | 'comment' | 'definition' | 'decorator';

export interface Piece {
  readonly tone: Tone;
  readonly text: string;
}

export const KEYWORDS = new Set(
  (
    'False None True and as assert async await break case class continue def del elif else except ' +
    'finally for from global if import in is lambda match nonlocal not or pass raise return try ' +
    'type while with yield'
  ).split(' '),
);

/** Keywords only at the start of a statement; elsewhere names like any other. */
const SOFT = new Set(['match', 'case', 'type']);

const TOKEN = new RegExp(
  [
    /(?<comment>#.*)/,
    /(?<open>(?:[rbfut]|rb|br|fr|rf|tr|rt)?(?:"""|'''|"|'))/,
    /(?<number>(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?j?))/,
    /(?<word>[\p{L}_][\p{L}\p{N}_]*)/u,
    /(?<decorator>^\s*@[\w.]+)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'iuy',
);

interface OpenString {
  readonly quote: string;
  readonly formatted: boolean;
}

export function highlight(lines: readonly string[]): Piece[][] {
  let open: OpenString | null = null;
  return lines.map((line) => {
    const writer = new LineWriter(line, open);
    open = writer.run();
    return writer.pieces;
  });
}

class LineWriter {
  readonly pieces: Piece[] = [];
  readonly #line: string;
  #at = 0;
  #open: OpenString | null;
  #defines = false;

  constructor(line: string, open: OpenString | null) {
    this.#line = line;
    this.#open = open;
  }

  /** Cuts the line; the answer is the string that is still open at its end. */
  run(): OpenString | null {
    while (this.#at < this.#line.length) {
      if (this.#open === null) this.#token();
      else this.#string(this.#open);
    }
    if (this.#open !== null && this.#open.quote.length === 1) return null;
    return this.#open;
  }

  #token(): void {
    TOKEN.lastIndex = this.#at;
    const groups = TOKEN.exec(this.#line)?.groups;
    if (groups === undefined) this.#write('plain', 1);
    else if (groups['word'] !== undefined) this.#word(groups['word']);
    else if (groups['comment'] !== undefined) this.#write('comment', groups['comment'].length);
    else if (groups['number'] !== undefined) this.#write('number', groups['number'].length);
    else if (groups['decorator'] !== undefined)
      this.#write('decorator', groups['decorator'].length);
    else this.#begin(groups['open'] ?? '');
  }

  #word(word: string): void {
    const keyword = KEYWORDS.has(word) && (!SOFT.has(word) || this.#opensStatement(word));
    this.#write(this.#defines ? 'definition' : keyword ? 'keyword' : 'plain', word.length);
    this.#defines = keyword && (word === 'def' || word === 'class');
  }

  #opensStatement(word: string): boolean {
    const [before, after] = [
      this.#line.slice(0, this.#at),
      this.#line.slice(this.#at + word.length),
    ];
    return before.trim() === '' && /^\s+[^\s=.,)\]]/.test(after);
  }

  #begin(opening: string): void {
    const prefix = /^[a-z]*/i.exec(opening)?.[0].toLowerCase() ?? '';
    const quote = opening.slice(prefix.length);
    this.#write('string', opening.length);
    this.#open = { quote, formatted: /[ft]/.test(prefix) };
  }

  #string(open: OpenString): void {
    const rest = this.#line.slice(this.#at);
    if (rest.startsWith(open.quote)) {
      this.#write('string', open.quote.length);
      this.#open = null;
    } else if (rest.startsWith('\\')) {
      this.#write('string', Math.min(2, rest.length));
    } else if (open.formatted && /^\{\{|^\}\}/.test(rest)) {
      this.#write('string', 2);
    } else {
      const field = open.formatted ? /^\{[^{}]*\}/.exec(rest)?.[0] : undefined;
      this.#write(field === undefined ? 'string' : 'plain', field?.length ?? 1);
    }
  }

  #write(tone: Tone, length: number): void {
    const text = this.#line.slice(this.#at, this.#at + length);
    this.#at += length;
    const last = this.pieces.at(-1);
    if (last?.tone === tone) this.pieces[this.pieces.length - 1] = { tone, text: last.text + text };
    else this.pieces.push({ tone, text });
  }
}
