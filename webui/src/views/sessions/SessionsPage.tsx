/** The list of sessions: what ran, newest first, filling while programs run. */
import type { JSX } from 'preact';
import { bytes, count, counted } from '../../replay/format';
import type { AppStore } from '../../state/app';
import type { SessionsStore } from '../../state/sessions';
import { AlertIcon, ArrowUp, Logo } from '../icons';
import { Help } from '../Help';
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
  if (!sessions.loaded.value) return <p class="quiet" aria-busy="true" />;
  return <Empty query={sessions.query.value} />;
}

export function LiveChip({ app }: { readonly app: AppStore }): JSX.Element | null {
  const connected = app.connected.value;
  if (connected === null) return null;
  if (!connected) {
    return (
      <span class="chip warn" role="status">
        not connected · trying again
      </span>
    );
  }
  const recording = app.sessions.status.value?.recording ?? 0;
  const who = recording === 0 ? '' : ` · ${counted(recording, 'process', 'processes')} recording`;
  return (
    <span class="chip live" role="status">
      live{who}
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
  if (above > 0) {
    const show = (): void => {
      sessions.release();
    };
    return (
      <div class="above" role="status">
        <button type="button" class="textual" onClick={show}>
          {count(above)} new {above === 1 ? 'session' : 'sessions'} above <ArrowUp size={12} />
        </button>
      </div>
    );
  }
  return <div class="above" role="status" />;
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
