import { describe, expect, test } from 'vitest';
import { SpanIndex } from '../../src/replay/jumps';
import {
  EMPTY_TIMELINE,
  axisTicks,
  columns,
  eventAt,
  eventAtPlace,
  placeOf,
  roundStep,
  spanAtPlace,
  timeOf,
} from '../../src/replay/timeline';
import { TIMELINE } from '../fixture';

describe('the timeline', () => {
  test('knows when an event was, and what was at a time', () => {
    expect(timeOf(TIMELINE, 1)).toBe(1000);
    expect(timeOf(TIMELINE, 12)).toBe(12_000);
    expect([...Array(12).keys()].map((i) => eventAt(TIMELINE, timeOf(TIMELINE, i + 1)))).toEqual(
      [...Array(12).keys()].map((i) => i + 1),
    );
  });

  test('between two buckets the earlier event is the latest', () => {
    expect(eventAt(TIMELINE, 6500)).toBe(6);
  });

  test('places and events agree on both axes', () => {
    for (const axis of ['time', 'events'] as const) {
      for (const n of [1, 5, 12]) {
        expect(eventAtPlace(TIMELINE, axis, placeOf(TIMELINE, axis, n))).toBe(n);
      }
    }
  });

  test('a place outside is the nearest one inside', () => {
    expect(eventAtPlace(TIMELINE, 'events', -0.2)).toBe(1);
    expect(eventAtPlace(TIMELINE, 'time', 7)).toBe(12);
  });

  test('finds the call under a place', () => {
    const index = new SpanIndex(TIMELINE.spans);
    expect(spanAtPlace(TIMELINE, index, 'time', 9 / 12, 2)?.frame).toBe(8);
    expect(spanAtPlace(TIMELINE, index, 'time', 7 / 12, 2)).toBeUndefined();
  });

  test('columns hold the kinds of a bucket, the fullest as high as the strip', () => {
    const [first] = columns(TIMELINE, 'events');
    expect(first?.height).toBe(1);
    expect(first?.parts.map(({ family }) => family)).toEqual([
      'call',
      'return',
      'variable',
      'branch',
    ]);
    expect(first?.parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
  });

  test('an empty session has neither columns nor ticks, and no place fails', () => {
    expect(columns(EMPTY_TIMELINE, 'time')).toEqual([]);
    expect(placeOf(EMPTY_TIMELINE, 'time', 1)).toBe(0);
    expect(eventAtPlace(EMPTY_TIMELINE, 'time', 0.5)).toBe(0);
    expect(axisTicks(0, 0, 1000, 100)).toEqual([]);
  });
});

describe('the axis', () => {
  test('has round values, not too near one another', () => {
    expect(axisTicks(0, 88, 1400, 130).map(({ value }) => value)).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80,
    ]);
    expect(axisTicks(5, 25, 300, 100).map(({ value }) => value)).toEqual([10, 20]);
  });

  test.each([
    [0.03, 0.05],
    [1, 1],
    [1.2, 2],
    [130, 200],
    [6, 10],
  ])('rounds a step of %d up to %d', (least, step) => {
    expect(roundStep(least)).toBeCloseTo(step, 10);
  });
});
