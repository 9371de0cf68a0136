/** One of two compared sessions: what it is, and its events around the difference. */
import type { JSX } from 'preact';
import type { RecordedEvent, Session } from '../../api/types';
import { count, counted, duration, frameName, splitPath, started } from '../../replay/format';
import { familyOf } from '../../replay/kinds';
import { labelOf } from '../../replay/labels';
import type { AppStore } from '../../state/app';
import type { Side } from '../../state/comparison';
import { Link } from '../Link';
import { playerOf } from '../sessions/keys';

export interface SideProps {
  readonly app: AppStore;
  readonly session: Session;
  readonly label: string;
  /** Null while the difference is looked for. */
  readonly side: Side | null;
  /** The event that differs; null where the session has no more. */
  readonly at: number | null;
  /** The event from which on both take the same steps again. */
  readonly joins: number | null;
}

export function SideCard(props: SideProps): JSX.Element {
  const { app, session, label, side, at } = props;
  const { moment, events } = side ?? { moment: null, events: [] };
  const here = at === null ? null : moment;
  return (
    <section class="card side" aria-label={label}>
      <h2 class="side-head">
        <i class={`status-dot is-${session.status}`} aria-hidden="true" />
        <Link
          to={playerOf(session.id, at)}
          go={(to) => {
            app.go(to);
          }}
          class="ell"
        >
          {session.name ?? session.trigger}
        </Link>
      </h2>
      <p class="dim side-facts">
        {session.status} · {counted(session.events, 'event')} ·{' '}
        {session.duration_ns !== null && `${duration(session.duration_ns)} · `}
        {started(session.start, new Date())}
      </p>
      <p class="mono side-line ell" title={here?.event.file ?? ''}>
        {here && (
          <>
            <span class="dim">{`${splitPath(here.event.file).file}:${here.event.line} `}</span>
            {here.event.line_text}
            <span class="dim">{`  in ${here.stack.map(frameName).join(' ← ')}`}</span>
          </>
        )}
      </p>
      <div class="rows" role="list" aria-label={`Events of the ${label.toLowerCase()}`}>
        {events.map((event) => (
          <Row key={event.n} {...props} event={event} />
        ))}
        {side !== null && at === null && <p class="quiet">No more events.</p>}
      </div>
    </section>
  );
}

function Row(props: SideProps & { readonly event: RecordedEvent }): JSX.Element {
  const { app, session, event, at, joins } = props;
  const label = labelOf(event);
  const differs = event.n === at;
  const before = at === null || event.n < at;
  return (
    <div role="listitem" class={event.n === joins ? 'joins' : ''}>
      <Link
        to={playerOf(session.id, event.n)}
        go={(to) => {
          app.go(to);
        }}
        class={`row ${differs ? 'on' : ''} ${before ? 'alike' : ''}`}
        title={`${label}\n${event.function} · line ${event.line}`}
      >
        <span class="n">{count(event.n)}</span> <i class={`dot k-${familyOf(event.kind)}`} />
        <span class="ell">{label}</span>
      </Link>
    </div>
  );
}
