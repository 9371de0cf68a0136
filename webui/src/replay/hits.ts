/** Where words stand in a source text; capitals count where the words have some. */
import type { Piece } from './python';

export interface Hit {
  /** From 1. */
  readonly line: number;
  readonly from: number;
}

export interface MarkedPiece extends Piece {
  readonly hit: boolean;
}

export function hitsIn(lines: readonly string[], words: string): readonly Hit[] {
  return lines.flatMap((text, i) => placesIn(text, words).map((from) => ({ line: i + 1, from })));
}

/** The pieces of a line, cut where the words begin and end. */
export function markedPieces(pieces: readonly Piece[], words: string): readonly MarkedPiece[] {
  const starts = placesIn(pieces.map(({ text }) => text).join(''), words);
  const edges = starts.flatMap((from) => [from, from + words.length]);
  let at = 0;
  return pieces.flatMap((piece) => {
    const [begin, end] = [at, (at += piece.text.length)];
    const cuts = [begin, ...edges.filter((edge) => begin < edge && edge < end), end];
    return cuts.slice(1).map((to, i) => {
      const from = cuts[i] ?? begin;
      const hit = starts.some((start) => start <= from && to <= start + words.length);
      return { ...piece, text: piece.text.slice(from - begin, to - begin), hit };
    });
  });
}

/** Where the words begin in a text; one does not begin within another. */
function placesIn(text: string, words: string): number[] {
  if (words === '') return [];
  const [where, what] = words === words.toLowerCase() ? [text.toLowerCase(), words] : [text, words];
  // A letter may be longer when it is made small: then places are those of the text as it is.
  const searched = where.length === text.length ? where : text;
  const places: number[] = [];
  for (let at = searched.indexOf(what); at >= 0; at = searched.indexOf(what, at + what.length)) {
    places.push(at);
  }
  return places;
}
