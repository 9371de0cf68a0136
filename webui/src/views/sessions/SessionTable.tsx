/** The rows of the list. A row is a link to its session, its error a link to the moment of it. */
import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Session } from '../../api/types';
import { count, duration, logarithmic, started } from '../../replay/format';
import type { Place } from '../../replay/place';
import type { SessionRow } from '../../replay/sessions';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';
import { Tags } from '../Tags';
import { VirtualList } from '../VirtualList';
import { CaretIcon } from '../icons';
import { playerOf } from './keys';

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
        byKeys={false}
        rows={rows.length}
        rowHeight={ROW}
        focus={sessions.at.value}
        look={look}
        scrolled={(top) => {
          tell({ top: top < 0.5 });
        }}
        render={(at) => {
          const row = rows[at];
          const reached = at === sessions.at.value;
          return row && <Row key={row.session.id} row={row} app={app} reached={reached} />;
        }}
      />
    </div>
  );
}

function Head(): JSX.Element {
  return (
    <div class="srow shead" role="row">
      <span role="columnheader">
        <span class="heard">Chosen</span>
      </span>
      <span role="columnheader">Status</span>
      <span role="columnheader">What ran</span>
      <span role="columnheader">Kind</span>
      <span role="columnheader">Service, host</span>
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

/** Tags that the trigger does not tell already, as a request's does its method and path. */
function untold({ tags, trigger }: Session): [string, unknown][] {
  return Object.entries(tags).filter(([, value]) => !trigger.includes(String(value)));
}

interface RowProps {
  readonly row: SessionRow;
  readonly app: AppStore;
}

function Row({ row, app, reached }: RowProps & { readonly reached: boolean }): JSX.Element {
  const { session, title } = row;
  const { choice } = app.sessions;
  const chosen = choice.has(session.id);
  const where = [session.service, session.host].filter(Boolean).join(' · ');
  const box = useRef<HTMLDivElement>(null);
  useReached(box, reached);
  return (
    <div
      ref={box}
      class={`srow is-${session.status} ${reached ? 'reached' : ''} ${chosen ? 'on' : ''}`}
      role="row"
      aria-current={reached}
      data-session={session.id}
    >
      <span role="cell" class="choice">
        <input
          type="checkbox"
          checked={chosen}
          aria-label={`Choose ${title}`}
          onChange={() => {
            choice.turn(session.id);
          }}
        />
      </span>
      <span role="cell">
        <i class={`status-dot is-${session.status}`} aria-hidden="true" />
        {session.status}
      </span>
      <WhatRan row={row} app={app} />
      <span role="cell">{session.kind}</span>
      <span role="cell" class="ell" title={where}>
        {where}
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

/** The row that the keys go to has the focus, unless the reader has put it elsewhere. */
function useReached(box: RefObject<HTMLElement | null>, reached: boolean): void {
  useLayoutEffect(() => {
    const now = document.activeElement;
    const isFree = now === document.body || box.current?.closest('[role=table]')?.contains(now);
    if (reached && isFree) {
      box.current?.querySelector<HTMLElement>('a.whole')?.focus({ preventScroll: true });
    }
  }, [box, reached]);
}

function WhatRan({ row, app }: RowProps): JSX.Element {
  const { session, title, level, children, open } = row;
  const go = (place: Place): void => {
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
      <Link to={playerOf(session.id)} go={go} class="whole">
        {title}
      </Link>
      {session.pinned && (
        <span class="beside" title="It stays, whatever the bounds of the database say">
          pinned
        </span>
      )}
      <Beside row={row} app={app} />
      <span class="tags">
        <Tags app={app} tags={untold(session)} />
      </span>
    </span>
  );
}

function Beside({ row, app }: RowProps): JSX.Element | null {
  const { session, title } = row;
  const { error, status, trigger } = session;
  if (error !== null) {
    const to = playerOf(session.id, error.event);
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
  return title === trigger ? null : <span class="beside">{trigger}</span>;
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

function shortType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
