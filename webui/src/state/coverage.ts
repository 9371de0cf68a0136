/**
 * What each call that is looked at made of its function; read once a call, and again while the call goes on.
 */
import type { Api } from '../api/client';
import type { Moment, RecordedEvent, Timeline } from '../api/types';
import { Answers } from './answers';

/** The server gives no more at once; a call with more events of its own stays unjudged. */
const MOST_EVENTS = 2000;
/** Longer calls cost the server more than pale lines are worth. */
const LONGEST = 50_000;

/** Until a call is over, nothing proves that it leaves a line out. */
const NO_KINDS: ReadonlySet<string> = new Set();
/** A call that was left like this may be come back to. */
const LEFT = ['yield', 'await'];

export interface CallEvents {
  /** Those of the call's own frame. */
  readonly events: readonly RecordedEvent[];
  /** The kinds that the session recorded, of a call that is over. */
  readonly recorded: ReadonlySet<string>;
}

export class CoverageStore {
  readonly #calls = new Answers<CallEvents>();
  readonly #api: Api;
  readonly #id: string;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** The events of the call that opened `frame`, null while they are not known. */
  of(frame: number): CallEvents | null {
    return this.#calls.of(frame);
  }

  /** The moment's frame is on the page: learn of its call, in a session that is running or has ended. */
  async look(moment: Moment, timeline: Timeline, running: boolean): Promise<void> {
    const { frame, stack } = moment;
    const name = stack.find((open) => open.frame === frame)?.function;
    const range = frame === null ? null : rangeOf(frame, timeline);
    if (frame === null || name === undefined || range === null) return;
    const goesOn = running && range.to >= timeline.last;
    const ask = async (): Promise<CallEvents | null> => {
      const query = { ...range, function: name, limit: MOST_EVENTS };
      const answer = await this.#api.events(this.#id, query);
      if (answer.events.length === MOST_EVENTS) return null;
      const events = answer.events.filter((event) => event.frame === frame);
      const isOver = !goesOn && !(running && events.some(({ kind }) => LEFT.includes(kind)));
      const kinds = timeline.buckets.flatMap((bucket) => Object.keys(bucket.kinds));
      return { events, recorded: isOver ? new Set(kinds) : NO_KINDS };
    };
    await this.#calls.look(frame, ask, ({ recorded }) => recorded === NO_KINDS);
  }
}

function rangeOf(
  frame: number,
  timeline: Timeline,
): { readonly from: number; readonly to: number } | null {
  const stays = timeline.spans.filter((span) => span.frame === frame);
  const [first, last] = [stays[0], stays.at(-1)];
  if (!timeline.spans_complete || first === undefined || last === undefined) return null;
  return last.last - first.first > LONGEST ? null : { from: first.first, to: last.last };
}
