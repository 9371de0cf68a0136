/**
 * The HTTP side of the dashboard, typed. Used by the stores alone.
 *
 * Refuses to guess: an answer that is no success becomes an `ApiError` with the server's own words, and a
 * server that does not answer becomes one with the slug `unreachable`.
 */
import type {
  Comparison,
  EventPage,
  EventQuery,
  Family,
  Hits,
  Instrumentation,
  Moment,
  OutputPage,
  OutputQuery,
  Pair,
  PrintPage,
  PrintQuery,
  RecordingDetail,
  Session,
  SessionDetail,
  SessionPage,
  SessionQuery,
  SourceText,
  Status,
  Timeline,
  TimelinePart,
  WatchPage,
  Way,
} from './types';

export class ApiError extends Error {
  readonly slug: string;
  readonly status: number;

  constructor(slug: string, message: string, status: number) {
    super(message);
    this.name = 'ApiError';
    this.slug = slug;
    this.status = status;
  }
}

export interface Api {
  status(): Promise<Status>;
  sessions(query: SessionQuery): Promise<SessionPage>;
  session(id: string): Promise<SessionDetail>;
  family(id: string): Promise<Family>;
  events(id: string, query: EventQuery): Promise<EventPage>;
  moment(id: string, n: number, frame: number | null): Promise<Moment>;
  moments(id: string, from: number, to: number): Promise<{ readonly moments: readonly Moment[] }>;
  /** Keeps a session whatever the bounds say, or no longer. */
  pin(id: string, pinned: boolean): Promise<Session>;
  /** Removes a session for good. */
  remove(id: string): Promise<void>;
  source(id: string, file: string): Promise<SourceText>;
  recording(id: string): Promise<RecordingDetail>;
  modules(recording: string): Promise<Instrumentation>;
  /** Of the whole session, or of a part of it. */
  timeline(id: string, buckets: number, part?: TimelinePart): Promise<Timeline>;
  output(id: string, query: OutputQuery): Promise<OutputPage>;
  print(id: string, query: PrintQuery): Promise<PrintPage>;
  hits(id: string, file: string, line: number, n: number): Promise<Hits>;
  /** Where the call that opened a frame stands among the calls of its function. */
  calls(id: string, frame: number): Promise<Hits>;
  way(id: string, n: number): Promise<Way>;
  /** Where two sessions first differ, from a pair of their events on. */
  difference(id: string, other: string, from: Pair): Promise<Comparison>;
  watch(
    id: string,
    n: number,
    frame: number | null,
    expressions: readonly string[],
  ): Promise<WatchPage>;
}

type Parameters = Readonly<Record<string, string | number | null | undefined>>;
type Fetch = (address: string, how?: RequestInit) => Promise<Response>;

/** What a page of another site cannot send. */
const CHANGE = { 'X-Rewind-Change': '1' };

export function createApi(fetcher: Fetch = (address, how) => fetch(address, how)): Api {
  const get = async <T>(path: string, parameters: Parameters = {}): Promise<T> =>
    (await answer(fetcher, address(path, parameters))) as T;
  const change = (method: 'PUT' | 'DELETE', path: string): Promise<unknown> =>
    answer(fetcher, path, { method, headers: CHANGE });
  const of = (id: string, what = ''): string => `/api/sessions/${encodeURIComponent(id)}${what}`;
  return {
    status: () => get('/api/status'),
    sessions: (query) => get('/api/sessions', { ...query }),
    session: (id) => get(of(id)),
    family: (id) => get(of(id, '/family')),
    events: (id, query) => get(of(id, '/events'), { ...query }),
    moment: (id, n, frame) => get(of(id, '/moment'), { n, frame }),
    moments: (id, from, to) => get(of(id, '/moments'), { from, to }),
    pin: async (id, pinned) => (await change(pinned ? 'PUT' : 'DELETE', of(id, '/pin'))) as Session,
    remove: async (id) => {
      await change('DELETE', of(id));
    },
    source: (id, file) => get(of(id, '/source'), { file }),
    timeline: (id, buckets, part) => get(of(id, '/timeline'), { buckets, ...part }),
    recording: (id) => get(`/api/recordings/${encodeURIComponent(id)}`),
    modules: (recording) => get(`/api/recordings/${encodeURIComponent(recording)}/modules`),
    output: (id, query) => get(of(id, '/output'), { ...query }),
    print: (id, query) => get(of(id, '/print'), { ...query }),
    hits: (id, file, line, n) => get(of(id, '/hits'), { file, line, n }),
    difference: (id, other, from) =>
      get(of(id, '/difference'), { with: other, from: from.n, with_from: from.with_n }),
    calls: (id, frame) => get(of(id, '/calls'), { frame }),
    way: (id, n) => get(of(id, '/exception'), { n }),
    watch: (id, n, frame, expressions) =>
      get(of(id, '/watch'), { n, frame, expressions: expressions.join('\n') }),
  };
}

function address(path: string, parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function answer(fetcher: Fetch, address: string, how?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetcher(address, how);
  } catch {
    throw new ApiError('unreachable', 'The dashboard does not answer.', 0);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const said = (body as { error?: { slug?: string; message?: string } } | null)?.error;
  throw new ApiError(
    said?.slug ?? 'error',
    said?.message ?? `The dashboard answered ${response.status}.`,
    response.status,
  );
}
