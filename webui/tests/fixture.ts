/** A dashboard that answers for the recorded session, for the tests of the stores. */
import { ApiError, type Api } from '../src/api/client';
import type {
  Comparison,
  Instrumentation,
  ModuleReport,
  Moment,
  OutputPage,
  OutputQuery,
  Pair,
  RecordingDetail,
  PrintPage,
  PrintQuery,
  Session,
  SessionDetail,
  Timeline,
  WatchPage,
  Way,
} from '../src/api/types';
import { ID, EVENTS, session, TIMELINE, moment } from './recorded';

export * from './recorded';

/** A dashboard of one session; `asked` is what it was asked, in order. */
export class FakeDashboard implements Api {
  readonly asked: string[] = [];
  facts: SessionDetail = { ...session(), recording: {} };
  list: Session[] = [session()];
  glance: Timeline = TIMELINE;
  comparisons: Comparison[] = [];
  printed: (from: number, to: number) => OutputPage = () => ({ lines: [], next: null });

  status(): Promise<never> {
    return Promise.reject(new ApiError('unreachable', 'away', 0));
  }

  sessions(): ReturnType<Api['sessions']> {
    this.asked.push('sessions');
    return Promise.resolve({ sessions: this.list, total: this.list.length });
  }

  family(): ReturnType<Api['family']> {
    this.asked.push('family');
    return Promise.resolve({ sessions: [this.facts], complete: true });
  }

  session(id: string): Promise<SessionDetail> {
    this.asked.push('session');
    return id === ID ? Promise.resolve(this.facts) : missing();
  }

  events(_id: string, query: Parameters<Api['events']>[1]): ReturnType<Api['events']> {
    const { from = 1, to = Infinity, kind, variable, limit = 100 } = query;
    this.asked.push(`events ${from} ${to}`);
    const kinds = kind?.split(',');
    const events = EVENTS.filter((one) => from <= one.n && one.n <= to)
      .filter((one) => kinds?.includes(one.kind) ?? true)
      .filter((one) => variable === undefined || one.name === variable)
      .slice(0, limit);
    return Promise.resolve({ events, first: 1, last: EVENTS.length, next: null });
  }

  moment(_id: string, n: number, frame: number | null): Promise<Moment> {
    this.asked.push(`moment ${n}`);
    return Promise.resolve(moment(n, frame));
  }

  moments(_id: string, from: number, to: number): ReturnType<Api['moments']> {
    this.asked.push(`moments ${from} ${to}`);
    const moments = Array.from({ length: to - from + 1 }, (_, i) => moment(from + i));
    return Promise.resolve({ moments });
  }

  pin(id: string, pinned: boolean): Promise<Session> {
    const found = this.list.find((known) => known.id === id);
    if (found === undefined) return missing();
    const changed = { ...found, pinned };
    this.list = this.list.map((known) => (known.id === id ? changed : known));
    return Promise.resolve(changed);
  }

  remove(id: string): Promise<void> {
    this.asked.push(`remove ${id}`);
    this.list = this.list.filter((known) => known.id !== id);
    return Promise.resolve();
  }

  difference(_: string, __: string, from: Pair): Promise<Comparison> {
    this.asked.push(`difference ${from.n} ${from.with_n}`);
    const found = this.comparisons.shift();
    return found === undefined ? missing() : Promise.resolve(found);
  }

  source(): ReturnType<Api['source']> {
    return Promise.resolve({ file: '/srv/app.py', module: 'app', lines: ['x = 1'] });
  }

  timeline(): Promise<Timeline> {
    return Promise.resolve(this.glance);
  }

  /** The line ran at every event; each expression is worth the event's number. Two rows a page. */
  output(_id: string, query: OutputQuery): Promise<OutputPage> {
    const { from, to } = query;
    this.asked.push(`output ${from} ${to}`);
    return Promise.resolve(this.printed(from, to));
  }

  print(_id: string, query: PrintQuery): Promise<PrintPage> {
    const { line, expressions = '', where = '', from = 1 } = query;
    this.asked.push(`print ${line} ${expressions} ${where} ${from}`);
    if (expressions.includes('(')) {
      return Promise.reject(new ApiError('expression', 'nothing is called', 400));
    }
    const columns = expressions.split(',').map((column) => column.trim());
    const rows = EVENTS.slice(from - 1, from + 1).map(({ n, time_ns, frame }) => ({
      n,
      time_ns,
      frame,
      cells: columns.map(() => ({ text: String(n), number: n })),
    }));
    const next = from + 2 > EVENTS.length ? null : from + 2;
    return Promise.resolve({ line, columns, hits: 12, rows, looked: rows.length, next });
  }

  hits(_id: string, _file: string, line: number, n: number): ReturnType<Api['hits']> {
    this.asked.push(`hits ${line} ${n}`);
    return Promise.resolve({ at: 1, hits: 2, previous: n > 3 ? 3 : null, next: n < 8 ? 8 : null });
  }

  calls(_id: string, frame: number): ReturnType<Api['calls']> {
    this.asked.push(`calls ${frame}`);
    const place = { at: 3, hits: 41, previous: 2, next: 90 };
    return frame === 1 ? missing() : Promise.resolve(place);
  }

  recording(id: string): Promise<RecordingDetail> {
    const facts = { id, name: 'nightly', host: 'here', service: null, start: this.facts.start };
    return id === ID ? Promise.resolve({ ...facts, processes: [] }) : missing();
  }

  modules(recording: string): Promise<Instrumentation> {
    this.asked.push(`modules ${recording}`);
    if (recording !== ID) return Promise.reject(new ApiError('no-such-recording', 'none', 404));
    const whole = { name: 'app', path: '/srv/app.py', status: 'recorded', why: null, gaps: [] };
    return Promise.resolve({
      modules: [whole as ModuleReport],
      counts: { recorded: 1, part: 0, not: 0 },
      faults: [],
      replacements: [],
    });
  }

  way(_id: string, n: number): Promise<Way> {
    this.asked.push(`way ${n}`);
    const steps = [{ what: 'raised', event: EVENTS[n - 1]! } as const];
    return Promise.resolve({ n, text: "KeyError('x')", steps, earlier: [] });
  }

  watch(
    _id: string,
    n: number,
    frame: number | null,
    expressions: readonly string[],
  ): Promise<WatchPage> {
    this.asked.push(`watch ${n} ${frame ?? ''} ${expressions.join(';')}`);
    const watches = expressions.map((expression) => ({
      expression,
      text: String(n),
      changed: true,
      previous: String(n - 1),
    }));
    return Promise.resolve({ n, watches });
  }
}

function missing(): Promise<never> {
  return Promise.reject(new ApiError('no-such-session', 'gone', 404));
}

/** Lets every promise that is ready be kept. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
