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
  readonly pinned: boolean;
  readonly name: string | null;
}

/** The facts of the recording that a session belongs to. */
export interface RecordingFacts {
  readonly id?: string;
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

/** The sessions that were started from one another, the eldest first. */
export interface Family {
  readonly sessions: readonly Session[];
  readonly complete: boolean;
}

export interface Status {
  readonly database: string;
  /** Whether sessions may be pinned and removed. */
  readonly changeable: boolean;
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
  /** Of an exception where it was first seen: from its frame inwards, code that is not recorded too. */
  readonly traceback?: readonly TracebackEntry[];
}

export interface TracebackEntry {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  readonly first: number;
  readonly last: number;
  /** Where to go on, where values were looked through. */
  readonly next: number | null;
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
  /** The event that bound it. */
  readonly n: number;
  readonly line: number;
  /** The last event that bound it or changed what it names. */
  readonly last_change: number;
  readonly changed: boolean;
  readonly previous: string | null;
  /** The event as of which the value is told, where what became of it since is not known. */
  readonly since: number | null;
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

export interface TimelineMark {
  readonly n: number;
  readonly time_ns: number;
  readonly text: string;
}

/** A moment at which the program said something: printed, logged, or asked another program. */
export interface SaidMark extends TimelineMark {
  readonly kind: string;
}

export interface Timeline {
  readonly first: number;
  readonly last: number;
  readonly duration_ns: number;
  readonly buckets: readonly Bucket[];
  readonly spans: readonly Span[];
  readonly exceptions: readonly TimelineMark[];
  readonly spans_complete: boolean;
  /** What the program noted itself (`rewind.note`). */
  readonly notes: readonly TimelineMark[];
  /** What else it said, all of a kind or none: then the buckets tell where it was. */
  readonly marks: readonly SaidMark[];
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
  readonly recording?: string;
  /** `name` or `name=value`, with line ends between several. */
  readonly tags?: string;
  readonly service?: string;
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
  /** Text within what the event tells. */
  readonly value?: string;
  readonly limit?: number;
}

/** A part of a timeline: some events, or what overlaps a stretch of time. */
export type TimelinePart =
  | { readonly from: number; readonly to: number }
  | { readonly start_ns: number; readonly end_ns: number };

/** A process of a recording. */
export interface RecordedProcess {
  readonly process: number;
  readonly parent: number | null;
  readonly status: 'running' | 'ended' | 'died';
  readonly argv: readonly string[];
  readonly core: string | null;
  readonly start: string | null;
  readonly duration_ns: number | null;
  readonly events: number;
}

/** A recording with its processes, in the order in which they began. */
export interface RecordingDetail extends RecordingFacts {
  readonly name: string | null;
  readonly host: string;
  readonly service: string | null;
  readonly start: string;
  readonly processes: readonly RecordedProcess[];
}

/** What became of a module that was asked for. */
export interface ModuleReport {
  readonly name: string;
  readonly path: string | null;
  readonly status: 'recorded' | 'part' | 'not';
  readonly why: string | null;
  readonly gaps: readonly { readonly line: number; readonly why: string }[];
}

export interface Instrumentation {
  readonly modules: readonly ModuleReport[];
  readonly counts: Readonly<Record<ModuleReport['status'], number>>;
  readonly faults: readonly { readonly function: string; readonly why: string }[];
  readonly replacements: readonly { readonly program: string; readonly why: string }[];
}

export type * from './output';
export type * from './questions';
