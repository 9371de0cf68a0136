import { describe, expect, test } from 'vitest';
import { highlight } from '../../src/replay/python';

function tones(line: string): string[] {
  return highlight([line])[0]!.map(({ tone, text }) => `${tone}:${text}`);
}

describe('coloured Python', () => {
  test('keywords, definitions, numbers and comments', () => {
    expect(tones('def pay(x): return 1  # why')).toEqual([
      'keyword:def',
      'plain: ',
      'definition:pay',
      'plain:(x): ',
      'keyword:return',
      'plain: ',
      'number:1',
      'plain:  ',
      'comment:# why',
    ]);
  });

  test('a quote in a comment and a hash in a string mean nothing', () => {
    expect(tones(`a = '#' # it's`)).toEqual([
      'plain:a = ',
      `string:'#'`,
      'plain: ',
      `comment:# it's`,
    ]);
  });

  test('a triple-quoted string goes on over lines', () => {
    const lines = highlight(['s = """one', 'def two', 'three""" + x']);
    expect(lines[1]).toEqual([{ tone: 'string', text: 'def two' }]);
    expect(lines[2]?.at(-1)).toEqual({ tone: 'plain', text: ' + x' });
  });

  test('a string that is not closed ends with its line', () => {
    expect(highlight([`a = 'x`, 'return'])[1]).toEqual([{ tone: 'keyword', text: 'return' }]);
  });

  test('escapes do not close a string', () => {
    expect(tones(String.raw`'a\'b' + c`)).toEqual([String.raw`string:'a\'b'`, 'plain: + c']);
  });

  test('fields of an f-string are code, doubled braces are not', () => {
    expect(tones('f"a {b} {{c}}"')).toEqual(['string:f"a ', 'plain:{b}', 'string: {{c}}"']);
  });

  test('soft keywords are names elsewhere', () => {
    expect(tones('match point:')[0]).toBe('keyword:match');
    expect(tones('match = 1')[0]).toBe('plain:match = ');
    expect(tones('x = type(y)')).toEqual(['plain:x = type(y)']);
  });

  test('decorators and prefixed strings', () => {
    expect(tones('  @app.route(rb"x")')).toEqual([
      'decorator:  @app.route',
      'plain:(',
      'string:rb"x"',
      'plain:)',
    ]);
  });

  test.each([
    '<img src=x onerror=alert(1)>',
    'naïve = "日本" + 𝒳',
    '\t\\',
    '"""',
    "rf'{x!r:>{w}}'",
  ])('loses no character of %j', (line) => {
    expect(
      highlight([line])[0]!
        .map(({ text }) => text)
        .join(''),
    ).toBe(line);
  });
});
