import { signal } from '@preact/signals';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Api } from '../../src/api/client';
import type { Timeline } from '../../src/api/types';
import { isWhole } from '../../src/replay/zoom';
import { EventStore } from '../../src/state/events';
import { ViewStore } from '../../src/state/view';
import { FakeDashboard, ID, TIMELINE, settled } from '../fixture';

let dashboard: FakeDashboard;
let api: Api;
let asked: (readonly [number, number])[];
let changes: number;

beforeEach(() => {
  dashboard = new FakeDashboard();
  asked = [];
  changes = 0;
  const told: Api['timeline'] = (_id, _buckets, part) => {
    if (part === undefined) return Promise.resolve(TIMELINE);
    const [first, last] = 'from' in part ? [part.from, part.to] : [part.start_ns, part.end_ns];
    asked.push([first, last]);
    return Promise.resolve({ ...TIMELINE, first, last, exceptions: [] });
  };
  api = Object.assign(Object.create(dashboard) as FakeDashboard, { timeline: told });
});

function viewing(timeline: Timeline = TIMELINE): ViewStore {
  return new ViewStore(api, ID, signal(timeline), () => (changes += 1));
}

describe('the focus', () => {
  test('is told by a timeline of its own', async () => {
    const view = viewing();
    view.setFocus({ first: 3, last: 6 });
    expect(view.told.value).toBe(TIMELINE);
    await settled();
    expect(asked).toEqual([[3, 6]]);
    expect(view.told.value).toMatchObject({ first: 3, last: 6 });
    view.setFocus(null);
    expect(view.told.value).toBe(TIMELINE);
    expect(changes).toBe(2);
  });

  test('of another range is not told by the answer for the one before', async () => {
    const view = viewing();
    view.setFocus({ first: 3, last: 6 });
    view.setFocus({ first: 8, last: 9 });
    await settled();
    expect(view.told.value).toMatchObject({ first: 8, last: 9 });
  });

  test('is all that the list of events has', async () => {
    const view = viewing();
    const cursor = signal({ n: 4, first: 1, last: 12, follow: false });
    const events = new EventStore(api, ID, cursor, view);
    expect(events.rows.value.rows).toBe(12);
    view.setFocus({ first: 3, last: 6 });
    await settled();
    expect(events.rows.value.rows).toBe(4);
    events.look(0, 4);
    await settled();
    expect([0, 3].map((row) => events.inRow(row)?.n)).toEqual([3, 6]);
    expect(events.rowOf(5)).toBe(2);
    await events.need(11);
    expect(events.at(11)?.n).toBe(11);
    view.setFocus(null);
    events.look(0, 12);
    await settled();
    expect(events.inRow(0)?.n).toBe(1);
  });
});

describe('the part of the timeline that is seen', () => {
  test('of a session too large to be told whole is read again', async () => {
    const view = viewing({ ...TIMELINE, spans_complete: false });
    view.axis.value = 'events';
    view.zoom(0, 0.5);
    await settled();
    expect(asked).toEqual([[1, 7]]);
    expect(view.drawn.value).toMatchObject({ first: 1, last: 7 });
  });

  test('is asked for by time, and finds events by what came', async () => {
    const view = viewing({ ...TIMELINE, spans_complete: false });
    expect(view.eventAt(0.5)).toBe(6);
    const [bucket] = TIMELINE.buckets;
    const exact = { ...bucket!, first: 2, last: 4, start_ns: 5500, end_ns: 6500 };
    api.timeline = (_id, _buckets, part) => {
      asked.push(part !== undefined && 'start_ns' in part ? [part.start_ns, part.end_ns] : [0, 0]);
      return Promise.resolve({ ...TIMELINE, first: 2, last: 4, buckets: [exact] });
    };
    view.zoom(0.5, 0.1);
    await settled();
    expect(asked).toEqual([[5400, expect.closeTo(6600, -1)]]);
    expect(view.eventAt(0.5)).toBe(3);
    expect(view.placeOf(4)).toBeCloseTo(6500 / 12_000);
    expect(view.placeOf(12)).toBeCloseTo(1);
  });

  test('of one that is told whole is there already', async () => {
    const view = viewing();
    view.zoom(0, 0.5);
    await settled();
    expect(asked).toEqual([]);
    expect(view.drawn.value).toBe(TIMELINE);
  });

  test('goes along with the cursor, and keeps its events when the axis turns', () => {
    const view = viewing();
    view.axis.value = 'events';
    view.show({ first: 2, last: 3 });
    view.follow(11);
    expect(view.view.value.to).toBeGreaterThan(0.9);
    view.turnAxis();
    expect(view.axis.value).toBe('time');
    expect(isWhole(view.view.value)).toBe(false);
    expect(view.view.value.to).toBeGreaterThan(0.9);
  });
});
