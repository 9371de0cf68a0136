/**
 * The threads, tasks and other sessions of this one's family, side by side over the time of the clock: a
 * click goes to the session under the pointer, at that moment of it.
 */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Session } from '../../api/types';
import { count, duration } from '../../replay/format';
import { lanesOf, microseconds, within, type Lane } from '../../replay/lanes';
import type { AppStore } from '../../state/app';
import { toMomentOf } from '../../state/leaps';
import type { PlayerProps } from './PlayerPage';
import { timeAt } from './Transport';

interface LanesProps extends PlayerProps {
  readonly app: AppStore;
}

export function Lanes({ app, player }: LanesProps): JSX.Element | null {
  const { sessions, complete } = player.family.family.value;
  const now = player.family.now.value;
  const own = player.session.value;
  const { lanes, start, end } = useMemo(() => lanesOf(sessions, now), [sessions, now]);
  if (!app.layout.lanes.value || lanes.length < 2 || own === null) return null;
  const time = microseconds(own.start) + timeAt(player) / 1000;
  const at = Math.min(1, Math.max(0, (time - start) / (end - start)));
  return (
    <div class="lanes" role="group" aria-label="Sessions of the family" tabIndex={0}>
      {!complete && <p class="quiet">The first {count(lanes.length)}; there are more.</p>}
      <div class="lanes-body">
        {lanes.map((lane) => (
          <LaneRow
            key={lane.session.id}
            lane={lane}
            own={lane.session.id === own.id}
            go={(share) => {
              const to = share === null ? time : start + share * (end - start);
              void toMomentOf(app, lane.session, within(lane.session, to));
            }}
          />
        ))}
        <i class="lanes-now" style={{ '--at': at }} />
      </div>
    </div>
  );
}

interface LaneRowProps {
  readonly lane: Lane;
  readonly own: boolean;
  /** To a share of the family's time; null: to the cursor's moment. */
  readonly go: (share: number | null) => void;
}

function LaneRow({ lane, own, go }: LaneRowProps): JSX.Element {
  const { session, level, from, to } = lane;
  const name = nameOf(session);
  const took = session.duration_ns === null ? session.status : duration(session.duration_ns);
  return (
    <button
      type="button"
      class={`lane is-${session.status} ${own ? 'own' : ''}`}
      aria-current={own}
      aria-label={`${session.kind} ${name}`}
      title={`${session.kind} ${name} · ${took} · ${count(session.events)} events`}
      onClick={(event) => {
        const track = event.currentTarget.querySelector('.lane-track')?.getBoundingClientRect();
        // By the keyboard there is no place.
        const pointed = event.detail > 0 && track !== undefined && event.clientX >= track.left;
        go(pointed ? (event.clientX - track.left) / track.width : null);
      }}
    >
      <span class="lane-name ell" style={{ paddingLeft: `${Math.min(level, 6) * 10}px` }}>
        <span class="dim">{session.kind}</span> {name}
      </span>
      <span class="lane-track">
        <i style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
      </span>
    </button>
  );
}

function nameOf(session: Session): string {
  return (
    session.task ?? (session.kind === 'thread' ? session.thread_name : null) ?? session.trigger
  );
}

/** What opens them: how many other sessions there are. */
export function LanesSwitch({ app, player }: LanesProps): JSX.Element | null {
  const others = player.family.family.value.sessions.length - 1;
  const { lanes } = app.layout;
  if (others < 1) return null;
  return (
    <button
      type="button"
      class="textual"
      aria-expanded={lanes.value}
      title="The other sessions of the family, side by side"
      onClick={() => {
        app.layout.turnLanes();
      }}
    >
      family <b>+{count(others)}</b>
    </button>
  );
}
