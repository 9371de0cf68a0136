import { describe, expect, test } from 'vitest';
import { NOWHERE, atEnd, atStart, extend, seek, setFollow, step } from '../../src/replay/cursor';

const cursor = { n: 5, first: 1, last: 10, follow: false };

describe('the cursor', () => {
  test('stays within the events that are kept', () => {
    expect(seek(cursor, 99).n).toBe(10);
    expect(seek(cursor, -3).n).toBe(1);
    expect(step(seek(cursor, 10), 1).n).toBe(10);
  });

  test('knows its two ends', () => {
    expect(atStart(seek(cursor, 1))).toBe(true);
    expect(atEnd(seek(cursor, 10))).toBe(true);
    expect(atEnd(cursor)).toBe(false);
  });

  test('follows new events from the end only if that is wished', () => {
    const end = seek(cursor, 10);
    expect(extend(setFollow(end, true), 1, 20).n).toBe(20);
    expect(extend(end, 1, 20).n).toBe(10);
  });

  test('stays where it is in the middle, whatever arrives', () => {
    expect(extend({ ...cursor, follow: true }, 1, 20)).toMatchObject({ n: 5, last: 20 });
  });

  test('moves to the oldest event that is left when its own fell out', () => {
    expect(extend(cursor, 8, 20).n).toBe(8);
  });

  test('goes to the end when it begins to follow', () => {
    expect(setFollow(cursor, true).n).toBe(10);
  });

  test('stands nowhere while there are no events, and at the first one then', () => {
    const empty = seek({ ...NOWHERE, first: 1, last: 0 }, 1);
    expect(empty.n).toBe(0);
    expect(extend(empty, 1, 4).n).toBe(1);
  });
});
