import { describe, expect, test } from 'vitest';
import { SPEEDS, RATE, isSpeed, startClock, tick } from '../../src/replay/clock';

describe('the playback clock', () => {
  test('owes an event for each part of a second', () => {
    const first = tick(startClock(0), 1000 / RATE, 1, 50);
    expect(first.steps).toBe(1);
    expect(tick(first.clock, 1000 / RATE + 1, 1, 50).steps).toBe(0);
  });

  test('is four times as fast at speed 4', () => {
    let [clock, steps] = [startClock(0), 0];
    for (let now = 50; now <= 1000; now += 50) {
      const next = tick(clock, now, 4, 50);
      [clock, steps] = [next.clock, steps + next.steps];
    }
    expect(steps).toBeGreaterThanOrEqual(4 * RATE - 1);
    expect(steps).toBeLessThanOrEqual(4 * RATE);
  });

  test('carries a part of an event over to the next tick', () => {
    const half = tick(startClock(0), 500 / RATE, 1, 50);
    expect(half.steps).toBe(0);
    expect(tick(half.clock, 1000 / RATE, 1, 50).steps).toBe(1);
  });

  test('waits for what is not loaded and makes no leap afterwards', () => {
    const waiting = tick(startClock(0), 300, 4, 0);
    expect(waiting.steps).toBe(0);
    expect(tick(waiting.clock, 301, 4, 50).steps).toBe(0);
  });

  test('forgives a page in the background', () => {
    expect(tick(startClock(0), 60_000, 1, 50).steps).toBe(1);
  });

  test('knows the speeds there are', () => {
    expect(SPEEDS).toEqual([0.25, 0.5, 1, 2, 4, 8]);
    expect(SPEEDS.every(isSpeed)).toBe(true);
    expect([3, 16, Number.NaN].some(isSpeed)).toBe(false);
  });
});
