/**
 * The HTTP side of the dashboard, typed. Used by the stores alone.
 *
 * Refuses to guess: an answer that is no success becomes an `ApiError` with the server's own words, and a
 * server that does not answer becomes one with the slug `unreachable`.
 */
import type {
  EventPage,
  EventQuery,
  Moment,
  SessionDetail,
  SessionPage,
  SessionQuery,
  SourceText,
  Status,
  Timeline,
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
  events(id: string, query: EventQuery): Promise<EventPage>;
  moment(id: string, n: number, frame: number | null): Promise<Moment>;
  moments(id: string, from: number, to: number): Promise<{ readonly moments: readonly Moment[] }>;
  source(id: string, file: string): Promise<SourceText>;
  timeline(id: string, buckets: number): Promise<Timeline>;
}

type Parameters = Readonly<Record<string, string | number | null | undefined>>;
type Fetch = (address: string) => Promise<Response>;

export function createApi(fetcher: Fetch = (address) => fetch(address)): Api {
  const get = async <T>(path: string, parameters: Parameters = {}): Promise<T> =>
    (await answer(fetcher, address(path, parameters))) as T;
  const of = (id: string, what = ''): string => `/api/sessions/${encodeURIComponent(id)}${what}`;
  return {
    status: () => get('/api/status'),
    sessions: (query) => get('/api/sessions', { ...query }),
    session: (id) => get(of(id)),
    events: (id, query) => get(of(id, '/events'), { ...query }),
    moment: (id, n, frame) => get(of(id, '/moment'), { n, frame }),
    moments: (id, from, to) => get(of(id, '/moments'), { from, to }),
    source: (id, file) => get(of(id, '/source'), { file }),
    timeline: (id, buckets) => get(of(id, '/timeline'), { buckets }),
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

async function answer(fetcher: Fetch, address: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetcher(address);
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
