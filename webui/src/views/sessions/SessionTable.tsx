/** The rows of the list. A row is a link to its session, its error a link to the moment of it. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Session } from '../../api/types';
import { count, duration, logarithmic, started } from '../../replay/format';
import type { PlayerPlace } from '../../replay/place';
import type { SessionRow } from '../../replay/sessions';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';
import { VirtualList } from '../VirtualList';
import { CaretIcon } from '../icons';

const ROW = 34;

export function SessionTable({ app }: { readonly app: AppStore }): JSX.Element {
  const { sessions } = app;
  const rows = sessions.rows.value;
  const here = useRef({ top: true, inside: false });
  const tell = (change: Partial<typeof here.current>): void => {
    here.current = { ...here.current, ...change };
    sessions.setUndisturbed(here.current.top && !here.current.inside);
  };
  const look = (_from: number, to: number): void => {
    if (to >= rows.length - 20) void sessions.more();
  };
  return (
    <div
      class="card session-table"
      role="table"
      aria-label="Sessions"
      aria-rowcount={sessions.total.value}
      onPointerEnter={() => {
        tell({ inside: true });
      }}
      onPointerLeave={() => {
        tell({ inside: false });
      }}
    >
      <Head />
      <VirtualList
        role="rowgroup"
        rows={rows.length}
        rowHeight={ROW}
        look={look}
        scrolled={(top) => {
          tell({ top: top < 0.5 });
        }}
        render={(at) => {
          const row = rows[at];
          return row && <Row key={row.session.id} row={row} app={app} />;
        }}
      />
    </div>
  );
}

function Head(): JSX.Element {
  return (
    <div class="srow shead" role="row">
      <span role="columnheader">Status</span>
      <span role="columnheader">What ran</span>
      <span role="columnheader">Kind</span>
      <span role="columnheader">Service</span>
      <span role="columnheader" class="num">
        Events
      </span>
      <span role="columnheader" class="num">
        Took
      </span>
      <span role="columnheader" class="num">
        Started
      </span>
    </div>
  );
}

interface RowProps {
  readonly row: SessionRow;
  readonly app: AppStore;
}

function Row({ row, app }: RowProps): JSX.Element {
  const { session } = row;
  return (
    <div class={`srow is-${session.status}`} role="row" data-session={session.id}>
      <span role="cell">
        <i class={`status-dot is-${session.status}`} aria-hidden="true" />
        {session.status}
      </span>
      <WhatRan row={row} app={app} />
      <span role="cell">{session.kind}</span>
      <span role="cell" class="ell">
        {session.service ?? ''}
      </span>
      <span role="cell" class="num">
        {count(session.events)}
      </span>
      <Took session={session} />
      <time role="cell" class="num" dateTime={session.start} title={session.start}>
        {started(session.start, new Date())}
      </time>
    </div>
  );
}

function WhatRan({ row, app }: RowProps): JSX.Element {
  const { session, level, children, open } = row;
  const go = (place: PlayerPlace): void => {
    app.go(place);
  };
  return (
    <span role="cell" class="trigger" style={{ paddingLeft: `${level * 24}px` }}>
      {children > 0 && (
        <button
          type="button"
          class={`fold ${open ? 'open' : ''}`}
          aria-expanded={open}
          aria-label={`${children} sessions within`}
          onClick={() => {
            app.sessions.turn(session.id);
          }}
        >
          <CaretIcon size={10} />
          {!open && count(children)}
        </button>
      )}
      <Link
        to={momentOf(session, null)}
        go={() => {
          go(momentOf(session, null));
        }}
        class="whole"
      >
        {session.name ?? session.trigger}
      </Link>
      <Beside session={session} app={app} />
    </span>
  );
}

function Beside({
  session,
  app,
}: {
  readonly session: Session;
  readonly app: AppStore;
}): JSX.Element | null {
  const { error, status } = session;
  if (error !== null) {
    const to = momentOf(session, error.event);
    return (
      <Link
        to={to}
        go={() => {
          app.go(to);
        }}
        class="beside error-text"
      >
        {shortType(error.type)}
        {error.message === '' ? '' : `: ${error.message}`}
      </Link>
    );
  }
  const rate = app.sessions.rates.value.get(session.id);
  if (status === 'running' && rate !== undefined) {
    return <span class="beside">{count(rate)} events/s</span>;
  }
  return session.name === null ? null : <span class="beside">{session.trigger}</span>;
}

function Took({ session }: { readonly session: Session }): JSX.Element {
  const since = (Date.now() - Date.parse(session.start)) * 1e6;
  const ns = session.duration_ns ?? (session.status === 'running' ? Math.max(0, since) : null);
  return (
    <span role="cell" class="num took">
      {ns === null ? '' : duration(ns)}
      <span class="took-bar" aria-hidden="true">
        <i style={{ width: `${ns === null ? 0 : logarithmic(ns) * 100}%` }} />
      </span>
    </span>
  );
}

function momentOf(session: Session, n: number | null): PlayerPlace {
  return { page: 'player', id: session.id, n, frame: null, speed: 1 };
}

function shortType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
