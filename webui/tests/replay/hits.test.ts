import { describe, expect, test } from 'vitest';
import { hitsIn, markedPieces } from '../../src/replay/hits';
import { highlight } from '../../src/replay/python';

describe('words in a source', () => {
  test('stand where they stand, capitals or not', () => {
    expect(hitsIn(['Rate = rate', '', 'rated'], 'rate')).toEqual([
      { line: 1, from: 0 },
      { line: 1, from: 7 },
      { line: 3, from: 0 },
    ]);
    expect(hitsIn(['Rate = rate'], 'Rate')).toEqual([{ line: 1, from: 0 }]);
    expect(hitsIn(['aaa'], 'aa')).toEqual([{ line: 1, from: 0 }]);
    expect(hitsIn(['all'], '')).toEqual([]);
  });

  test('cut pieces of a line, also across them, and lose nothing', () => {
    const [pieces = []] = highlight(["if rate == 'rate':"]);
    const marked = markedPieces(pieces, "= 'ra");
    expect(marked.map(({ text }) => text).join('')).toBe("if rate == 'rate':");
    expect(
      marked
        .filter(({ hit }) => hit)
        .map(({ text }) => text)
        .join('|'),
    ).toBe("= |'ra");
    expect(markedPieces(pieces, '').some(({ hit }) => hit)).toBe(false);
  });
});
