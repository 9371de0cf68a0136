import { describe, expect, test } from 'vitest';
import { questions } from '../../src/state/find';
import { SESSION_KEYS, parseWords, periodMs, sessionQuery, setWord } from '../../src/replay/query';

const now = new Date('2026-01-31T12:00:00Z');

describe('words of the search box', () => {
  test('known keys are filters, the rest is text', () => {
    const { keys, text } = parseWords('status:error  a:b pay', SESSION_KEYS);
    expect([...keys]).toEqual([['status', 'error']]);
    expect(text).toBe('a:b pay');
  });

  test('quotes hold words together', () => {
    expect(parseWords('trigger:"GET /orders" "a b"', SESSION_KEYS)).toEqual({
      keys: new Map([['trigger', 'GET /orders']]),
      text: 'a b',
    });
  });

  test('a key without a value yet is text', () => {
    expect(parseWords('status:', SESSION_KEYS).text).toBe('status:');
  });

  test('a chip writes its word and leaves the others', () => {
    expect(setWord('pay status:error', 'status', 'running')).toBe('pay status:running');
    expect(setWord('status:error pay', 'status', null)).toBe('pay');
    expect(setWord('trigger:"a b"', 'kind', 'test')).toBe('"trigger:a b" kind:test');
  });

  test('become the question to the server', () => {
    expect(sessionQuery('status:error function:pay trigger:/cart oops last:24h', now)).toEqual({
      status: 'error',
      function: 'pay',
      search: '/cart oops',
      after: '2026-01-30T12:00:00.000Z',
    });
    expect(sessionQuery('service:"the shop"', now)).toEqual({ service: 'the shop' });
    expect(sessionQuery('', now)).toEqual({});
  });

  test.each([
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['soon', null],
    [undefined, null],
  ])('a period of %s', (text, ms) => {
    expect(periodMs(text)).toBe(ms);
  });
});

describe('words of the player’s search box', () => {
  test('a number is an event', () => {
    expect(questions('7,913')).toEqual([{ from: 7913, to: 7913 }]);
  });

  test('a word may be a variable, a function, or told by an event', () => {
    expect(questions('rate')).toEqual([
      { variable: 'rate' },
      { function: 'rate' },
      { value: 'rate' },
    ]);
  });

  test('keys are asked as they are', () => {
    expect(questions('kind:exception function:pay')).toEqual([
      { kind: 'exception', function: 'pay' },
    ]);
  });
});
