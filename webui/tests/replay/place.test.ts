import { describe, expect, test } from 'vitest';
import { formatPlace, momentAddress, parsePlace, type Place } from '../../src/replay/place';

function through(place: Place): Place {
  const url = new URL(formatPlace(place), 'http://here');
  return parsePlace(url.pathname, url.search);
}

describe('the address', () => {
  test.each<Place>([
    { page: 'sessions', query: '' },
    { page: 'sessions', query: 'status:error a&b "c d"' },
    { page: 'recording', id: 'ab12' },
    { page: 'player', id: 'ab12', n: null, frame: null, speed: 1, watches: [], focus: null },
    {
      page: 'player',
      id: 'ab12',
      n: 7913,
      frame: 9,
      speed: 0.5,
      watches: ['a.b', 'len(c) > 2'],
      focus: { first: 3, last: 9 },
    },
    { page: 'nowhere', path: '/elsewhere' },
  ])('reads back what it wrote: %o', (place) => {
    expect(through(place)).toEqual(place);
  });

  test('ignores what is no number and no speed', () => {
    const place = parsePlace('/sessions/x', '?n=-1&frame=abc&speed=3');
    expect(place).toMatchObject({ n: null, frame: null, speed: 1, watches: [], focus: null });
  });

  test('survives an id that is not encoded well', () => {
    expect(parsePlace('/sessions/%E0%A4%A', '')).toMatchObject({ id: '%E0%A4%A' });
  });

  test('links to a moment', () => {
    expect(momentAddress('ab', 5)).toBe('/sessions/ab?n=5');
  });
});
