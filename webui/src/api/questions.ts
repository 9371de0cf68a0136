/** What is asked about a recording and answered by looking through it: prints, watches, exceptions. */
import type { RecordedEvent, ValueTree } from './types';

/** An event of each of two sessions. */
export interface Pair {
  readonly n: number;
  readonly with_n: number;
}

/** What an expression is worth at one moment: `text`, or why it has no value. */
export interface Cell {
  readonly text?: string;
  readonly number?: number;
  /** The event as of which it is told, where what became of an object since was not looked up. */
  readonly since?: number;
  readonly problem?: string;
}

export interface PrintRow {
  readonly n: number;
  readonly time_ns: number;
  readonly frame: number | null;
  readonly cells: readonly Cell[];
}

export interface PrintPage {
  readonly line: number;
  readonly columns: readonly string[];
  readonly hits: number | null;
  readonly rows: readonly PrintRow[];
  readonly looked: number;
  readonly next: number | null;
}

/** What a print may be asked for. */
export interface PrintQuery {
  readonly file: string;
  readonly line: number;
  readonly expressions?: string;
  readonly where?: string;
  readonly from?: number;
  readonly limit?: number;
}

/** Where two sessions part: `value`, another value at the same step; `step`, another step; `end`, one has no more. */
export interface Difference {
  readonly what: 'value' | 'step' | 'end';
  readonly n: number | null;
  readonly with_n: number | null;
  readonly joins: Pair | null;
}

/** What is known after a second of looking; `next` says where to go on. */
export interface Comparison {
  readonly same: number;
  readonly difference: Difference | null;
  readonly next: Pair | null;
}

/** Where an event stands among the times that a line ran. */
export interface Hits {
  readonly at: number;
  readonly hits: number;
  readonly previous: number | null;
  readonly next: number | null;
}

export interface Watch extends Cell {
  readonly expression: string;
  readonly changed: boolean;
  readonly previous: string | null;
  readonly tree?: ValueTree;
}

export interface WatchPage {
  readonly n: number;
  readonly watches: readonly Watch[];
}

/** An event of an exception's way, and what happened to the exception there. */
export interface WayStep {
  readonly what: 'raised' | 'passed' | 'left' | 'handled';
  readonly event: RecordedEvent;
}

export interface EarlierException {
  readonly n: number;
  readonly text: string;
  readonly relation: 'cause' | 'context' | 'suppressed';
}

/** Where an exception was raised, which frames it left, who took it, and what led to it. */
export interface Way {
  readonly n: number;
  readonly text: string;
  readonly steps: readonly WayStep[];
  readonly earlier: readonly EarlierException[];
}
