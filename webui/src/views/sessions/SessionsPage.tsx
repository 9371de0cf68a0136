/** The list of sessions: what ran, newest first, filling while programs run. */
import type { JSX } from 'preact';
import { bytes, counted } from '../../replay/format';
import type { AppStore } from '../../state/app';
import type { SessionsStore } from '../../state/sessions';
import { AlertIcon, ArrowUp, Logo } from '../icons';
import { Help } from '../Help';
import { Waiting } from '../Waiting';
import { useKeys } from '../keyboard';
import { Chosen } from './Chosen';
import { Empty } from './Empty';
import { Filters } from './Filters';
import { SessionTable } from './SessionTable';
import { LIST_KEYS, LIST_SHEET } from './keys';

export function SessionsPage({ app }: { readonly app: AppStore }): JSX.Element {
  const { sessions } = app;
  useKeys(LIST_KEYS, app);
  return (
    <div class="page sessions-page">
      <header class="bar-top">
        <span class="logo">
          <Logo size={17} /> rewind
        </span>
        <h1 class="crumb">
          <b>Sessions</b>
        </h1>
        <LiveChip app={app} />
        <DatabaseFacts sessions={sessions} />
      </header>
      <main class="wrap">
        <Filters sessions={sessions} />
        {sessions.choice.sessions.value.length > 0 ? (
          <Chosen app={app} />
        ) : (
          <Above sessions={sessions} />
        )}
        <Content app={app} />
      </main>
      <Help keys={LIST_SHEET} open={sessions.help} />
    </div>
  );
}

function Content({ app }: { readonly app: AppStore }): JSX.Element {
  const { sessions } = app;
  const problem = sessions.problem.value;
  if (sessions.rows.value.length > 0) return <SessionTable app={app} />;
  if (problem !== null) return <Trouble message={problem.message} retry={sessions.refresh} />;
  if (!sessions.loaded.value) return <Waiting>Reading the sessions …</Waiting>;
  return <Empty query={sessions.query.value} />;
}

const AWAY = 'not connected · trying again';

function LiveChip({ app }: { readonly app: AppStore }): JSX.Element | null {
  const connected = app.connected.value;
  if (connected === null) return null;
  const recording = app.sessions.status.value?.recording ?? 0;
  const who = recording === 0 ? '' : ` · ${counted(recording, 'process', 'processes')} recording`;
  return (
    <span class={`chip ${connected ? 'live' : 'warn'}`} role="status">
      {connected ? `live${who}` : AWAY}
    </span>
  );
}

function DatabaseFacts({ sessions }: { readonly sessions: SessionsStore }): JSX.Element | null {
  const status = sessions.status.value;
  if (status === null) return null;
  return (
    <span class="aside dim" title={`Rewind ${status.version}`}>
      {status.database} · {counted(status.sessions, 'session')} · {bytes(status.bytes)}
    </span>
  );
}

function Above({ sessions }: { readonly sessions: SessionsStore }): JSX.Element {
  const { above } = sessions.listing.value;
  const stale = sessions.problem.value !== null && sessions.rows.value.length > 0;
  return (
    <div class="above">
      {/* Said once, and not with each of thousands that arrive. */}
      <span class="heard" role="status">
        {above > 0 && 'There are new sessions above.'}
      </span>
      {above > 0 && (
        <button
          type="button"
          class="textual"
          onClick={() => {
            sessions.release();
          }}
        >
          {counted(above, 'new session')} above <ArrowUp size={12} />
        </button>
      )}
      {stale && (
        <span class="stale" role="alert">
          This is what was there last: {sessions.problem.value?.message}{' '}
          <button type="button" class="pill" onClick={sessions.refresh}>
            try again
          </button>
        </span>
      )}
    </div>
  );
}

function Trouble(props: { readonly message: string; readonly retry: () => void }): JSX.Element {
  return (
    <div class="card message" role="alert">
      <AlertIcon size={20} />
      <p>{props.message}</p>
      <button type="button" class="pill" onClick={props.retry}>
        try again
      </button>
    </div>
  );
}
