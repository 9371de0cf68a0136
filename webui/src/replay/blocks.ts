/** Blocks of Python source, by their indentation. A reader's aid and no parser: it never fails. */

export interface Block {
  readonly from: number;
  readonly to: number;
}

/** The lines below a header, all of the file for line 0; empty where the block is on the header's own line. */
export function bodyOf(lines: readonly string[], header: number): Block {
  if (header === 0) return { from: 1, to: lines.length };
  const first = endOfHeader(lines, header) + 1;
  const indent = indentOf(lines[header - 1] ?? '');
  let to = first - 1;
  for (let line = first; line <= lines.length; line += 1) {
    const text = lines[line - 1] ?? '';
    if (text.trim() === '') continue;
    if (indentOf(text) <= indent) break;
    to = line;
  }
  return { from: first, to };
}

/** A header goes on over lines while its brackets are open. */
function endOfHeader(lines: readonly string[], header: number): number {
  let open = 0;
  for (let line = header; line <= lines.length; line += 1) {
    const text = lines[line - 1] ?? '';
    open += (text.match(/[([{]/g)?.length ?? 0) - (text.match(/[)\]}]/g)?.length ?? 0);
    if (open <= 0) return line;
  }
  return header;
}

export function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/**
 * The lines of the function of that qualified name around a line, its `def` among them; the whole file for
 * a module's own body, and the line alone where no such function stands above it.
 */
export function functionAround(lines: readonly string[], line: number, qualified: string): Block {
  if (qualified === '<module>') return { from: 1, to: lines.length };
  const name = qualified.slice(qualified.lastIndexOf('.') + 1);
  for (let at = line; at > 0; at -= 1) {
    const found = /^\s*(?:async\s+)?def\s+([\p{L}\p{N}_]+)/u.exec(lines[at - 1] ?? '')?.[1];
    if (found !== name) continue;
    const body = bodyOf(lines, at);
    if (at === line || body.to >= line) return { from: at, to: Math.max(at, body.to) };
  }
  return { from: line, to: line };
}
