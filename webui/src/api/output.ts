/** What a session printed and logged, as `docs/json.md` has it. */

/** A line that was printed, or a record of a log. */
export interface PrintedLine {
  readonly n: number;
  readonly time_ns: number;
  readonly stream: 'stdout' | 'stderr' | 'log';
  readonly text: string;
  readonly ended: boolean;
  readonly level: string | null;
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

export interface OutputPage {
  readonly lines: readonly PrintedLine[];
  readonly next: number | null;
}

export interface OutputQuery {
  readonly from: number;
  readonly to: number;
  readonly stream: string;
}
