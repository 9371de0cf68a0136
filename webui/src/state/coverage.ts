/** What each call that is looked at made of its function; read once a call, and only of calls that are over. */
import type { Api } from '../api/client';
import type { Moment, RecordedEvent, Timeline } from '../api/types';
import { Answers } from './answers';

/** The server gives no more at once; a call with more events of its own stays unjudged. */
const MOST_EVENTS = 2000;
/** Longer calls cost the server more than pale lines are worth. */
const LONGEST = 50_000;

/** The events of a call's own frame, and the kinds that its session recorded. */
export interface CallEvents {
  readonly events: readonly RecordedEvent[];
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

  /** The moment's frame is on the page: learn of its call. */
  async look(moment: Moment, timeline: Timeline): Promise<void> {
    const { frame, stack } = moment;
    const name = stack.find((open) => open.frame === frame)?.function;
    const range = frame === null ? null : rangeOf(frame, timeline);
    if (frame === null || name === undefined || range === null) return;
    await this.#calls.look(frame, async () => {
      const query = { ...range, function: name, limit: MOST_EVENTS };
      const answer = await this.#api.events(this.#id, query);
      if (answer.events.length === MOST_EVENTS) return null;
      const events = answer.events.filter((event) => event.frame === frame);
      const recorded = new Set(timeline.buckets.flatMap(({ kinds }) => Object.keys(kinds)));
      return { events, recorded };
    });
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
