/**
 * A small recorded session, for the tests.
 *
 * `main` (events 1 to 12) calls `price` twice, (3 to 6) and (8 to 11); the second one raises at 10.
 */
import type { Moment, RecordedEvent, Session, Span, Timeline } from '../src/api/types';

export const ID = 'a1';

const FRAMES: readonly {
  frame: number;
  name: string;
  depth: number;
  first: number;
  last: number;
}[] = [
  { frame: 1, name: 'main', depth: 1, first: 1, last: 12 },
  { frame: 3, name: 'price', depth: 2, first: 3, last: 6 },
  { frame: 8, name: 'price', depth: 2, first: 8, last: 11 },
];

const KINDS =
  'call variable call variable branch return variable call branch exception exception return';

export function event(fields: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    n: 1,
    kind: 'variable',
    time_ns: 1000,
    frame: 1,
    depth: 1,
    function: 'main',
    module: 'app',
    file: '/srv/app.py',
    line: 3,
    name: 'total',
    detail: null,
    value: 1,
    text: '1',
    line_text: 'total = 1',
    ...fields,
  };
}

export const EVENTS: readonly RecordedEvent[] = KINDS.split(' ').map((kind, i) => {
  const n = i + 1;
  const open = FRAMES.filter((frame) => frame.first <= n && n <= frame.last);
  const top = open.at(-1);
  return event({
    n,
    kind,
    time_ns: n * 1000,
    frame: top?.frame ?? null,
    depth: open.length,
    function: top?.name ?? '',
    line: n,
  });
});

export function session(fields: Partial<Session> = {}): Session {
  return {
    id: ID,
    trigger: 'app.py',
    kind: 'script',
    status: 'completed',
    start: '2026-01-31T12:00:00.000000Z',
    end: null,
    duration_ns: 12_000,
    events: EVENTS.length,
    first_event: 1,
    dropped: 0,
    redacted: 0,
    module: 'app',
    function: 'main',
    process: 7,
    thread_name: 'MainThread',
    task: null,
    host: 'here',
    service: null,
    parent: null,
    children: 0,
    error: null,
    tags: {},
    pinned: false,
    name: null,
    ...fields,
  };
}

export function span(fields: Partial<Span>): Span {
  return {
    frame: 1,
    function: 'main',
    depth: 1,
    first: 1,
    last: 1,
    start_ns: 0,
    end_ns: 0,
    ...fields,
  };
}

const SPANS = FRAMES.map(({ frame, name, depth, first, last }) =>
  span({ frame, function: name, depth, first, last, start_ns: first * 1000, end_ns: last * 1000 }),
);

export const TIMELINE: Timeline = {
  first: 1,
  last: 12,
  duration_ns: 12_000,
  buckets: [
    { first: 1, last: 6, start_ns: 1000, end_ns: 6000, kinds: count(EVENTS.slice(0, 6)) },
    { first: 7, last: 12, start_ns: 7000, end_ns: 12_000, kinds: count(EVENTS.slice(6)) },
  ],
  spans: SPANS,
  notes: [],
  marks: [],
  exceptions: [{ n: 10, time_ns: 10_000, text: "KeyError('x')" }],
  spans_complete: true,
};

function count(events: readonly RecordedEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

export function moment(n: number, frame: number | null = null): Moment {
  const open = FRAMES.filter((one) => one.first <= n && n <= one.last).toReversed();
  const chosen = open.find((one) => one.frame === frame) ?? open[0];
  return {
    session: session(),
    n,
    event: EVENTS[n - 1] ?? event({ n }),
    stack: open.map((one) => ({
      frame: one.frame,
      function: one.name,
      module: 'app',
      file: '/srv/app.py',
      line: n,
      depth: one.depth,
      text: '()',
    })),
    frame: chosen?.frame ?? null,
    variables: [],
    source: null,
  };
}
