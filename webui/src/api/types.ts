/**
 * What the dashboard's process answers, field by field as `docs/json.md` has it.
 *
 * Captured values stay `unknown`: the page shows the `text` and `tree` that came with them and never
 * interprets a value by itself, save for the few it measures (numbers of a plot).
 */

export type SessionStatus = 'running' | 'completed' | 'error' | 'crashed';

export interface SessionError {
  readonly type: string;
  readonly message: string;
  readonly event: number | null;
}

export interface Session {
  readonly id: string;
  readonly trigger: string;
  readonly kind: string;
  readonly status: SessionStatus;
  readonly start: string;
  readonly end: string | null;
  readonly duration_ns: number | null;
  readonly events: number;
  readonly first_event: number;
  readonly dropped: number;
  readonly redacted: number;
  readonly module: string | null;
  readonly function: string | null;
  readonly process: number | null;
  readonly thread_name: string | null;
  readonly task: string | null;
  readonly host: string | null;
  readonly service: string | null;
  readonly parent: string | null;
  readonly children: number;
  readonly error: SessionError | null;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly name: string | null;
}

/** The facts of the recording that a session belongs to. */
export interface RecordingFacts {
  readonly argv?: readonly string[];
  readonly python?: string | null;
  readonly platform?: string | null;
  readonly git_commit?: string | null;
  readonly cwd?: string | null;
  readonly reports?: readonly unknown[];
  /** What the probes of its processes took altogether, by their own estimate. */
  readonly cost?: { readonly probe_ns: number | null; readonly events: number };
}

export interface SessionDetail extends Session {
  readonly recording: RecordingFacts;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly total: number;
}

export interface Status {
  readonly database: string;
  readonly sessions: number;
  readonly bytes: number;
  readonly recording: number;
  readonly version: string;
}

export interface RecordedEvent {
  readonly n: number;
  readonly kind: string;
  readonly time_ns: number;
  readonly frame: number | null;
  readonly depth: number;
  readonly function: string;
  readonly module: string;
  readonly file: string;
  readonly line: number;
  readonly name: string | null;
  readonly detail: string | null;
  readonly value: unknown;
  readonly text: string | null;
  readonly owner?: { readonly $type: string; readonly id?: number };
  readonly key?: unknown;
  readonly line_text: string | null;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  readonly first: number;
  readonly last: number;
}

export interface StackFrame {
  readonly frame: number;
  readonly function: string;
  readonly module: string;
  readonly file: string;
  readonly line: number;
  readonly depth: number;
  readonly text: string;
}

export interface ValueTree {
  readonly text: string;
  readonly type: string;
  readonly id?: number;
  readonly size?: number;
  readonly note?: string;
  readonly children?: readonly { readonly name: string; readonly tree: ValueTree }[];
}

export interface Variable {
  readonly name: string;
  readonly value: unknown;
  readonly text: string;
  readonly tree: ValueTree;
  readonly n: number;
  readonly line: number;
  readonly changed: boolean;
  readonly previous: string | null;
}

export interface Moment {
  readonly session: Session;
  readonly n: number;
  readonly event: RecordedEvent;
  readonly stack: readonly StackFrame[];
  readonly frame: number | null;
  readonly variables: readonly Variable[];
  readonly source: {
    readonly file: string;
    readonly first: number;
    readonly line: number;
    readonly lines: readonly string[];
  } | null;
}

export interface SourceText {
  readonly file: string;
  readonly module: string;
  readonly lines: readonly string[];
}

export interface Bucket {
  readonly first: number;
  readonly last: number;
  readonly start_ns: number;
  readonly end_ns: number;
  readonly kinds: Readonly<Record<string, number>>;
}

export interface Span {
  readonly frame: number;
  readonly function: string;
  readonly depth: number;
  readonly first: number;
  readonly last: number;
  readonly start_ns: number;
  readonly end_ns: number;
}

export interface ExceptionMark {
  readonly n: number;
  readonly time_ns: number;
  readonly text: string;
}

export interface Timeline {
  readonly first: number;
  readonly last: number;
  readonly duration_ns: number;
  readonly buckets: readonly Bucket[];
  readonly spans: readonly Span[];
  readonly exceptions: readonly ExceptionMark[];
  readonly spans_complete: boolean;
}

/** What a `session` message says of a session that is watched. */
export interface SessionNews {
  readonly id: string;
  readonly events: number;
  readonly status: SessionStatus;
}

/** What the list of sessions may be asked for. */
export interface SessionQuery {
  readonly status?: string;
  readonly kind?: string;
  readonly module?: string;
  readonly function?: string;
  readonly search?: string;
  readonly after?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** What a session's events may be asked for. */
export interface EventQuery {
  readonly from?: number;
  readonly to?: number;
  readonly kind?: string;
  readonly function?: string;
  readonly variable?: string;
  readonly limit?: number;
}
