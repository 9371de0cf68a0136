/** The session's facts: what ran, how it ended, how long and where; and the search box. */
import type { JSX } from 'preact';
import type { Session } from '../../api/types';
import { counted, duration } from '../../replay/format';
import type { AppStore } from '../../state/app';
import type { PlayerStore } from '../../state/player';
import { SearchBox } from '../SearchBox';
import { Tags } from '../Tags';
import { TopBar } from '../TopBar';
import type { PlayerProps } from './PlayerPage';

export function PlayerHeader(props: PlayerProps & { readonly app: AppStore }): JSX.Element {
  const { app, player } = props;
  const session = player.session.value;
  return (
    <TopBar app={app} title={session?.name ?? session?.trigger ?? '…'}>
      {session !== null && <Facts app={app} session={session} player={player} />}
      <span class={app.connected.value === false ? 'chip warn' : ''} role="status">
        {app.connected.value === false && 'not connected · trying again'}
      </span>
      <Find player={player} />
    </TopBar>
  );
}

interface FactsProps extends PlayerProps {
  readonly app: AppStore;
  readonly session: Session;
}

function Facts({ app, session, player }: FactsProps): JSX.Element {
  const place = [session.service, session.host, session.task ?? session.thread_name];
  return (
    <div class="facts">
      <StatusChip session={session} player={player} />
      {session.name !== null && <span class="chip ell">{session.trigger}</span>}
      {session.duration_ns !== null && <span class="chip">{duration(session.duration_ns)}</span>}
      <span class="chip">{counted(player.cursor.value.last, 'event')}</span>
      <span class="chip ell">
        {place.filter((part) => part !== null && part !== '').join(' · ')}
      </span>
      <Tags app={app} tags={Object.entries(session.tags)} />
    </div>
  );
}

function StatusChip({ session, player }: PlayerProps & { readonly session: Session }): JSX.Element {
  const { status, error } = session;
  if (status === 'running') return <span class="chip live">running</span>;
  if (error === null)
    return <span class={`chip ${status === 'completed' ? '' : 'err'}`}>{status}</span>;
  const text = `${status} · ${error.type.slice(error.type.lastIndexOf('.') + 1)}`;
  const { event } = error;
  if (event === null)
    return (
      <span class="chip err" title={error.message}>
        {text}
      </span>
    );
  return (
    <button
      type="button"
      class="chip err"
      title={error.message}
      onClick={() => {
        player.jump(event);
      }}
    >
      {text}
    </button>
  );
}

function Find({ player }: { readonly player: PlayerStore }): JSX.Element {
  const { find } = player;
  const open = (): void => {
    const first = find.results.value?.[0];
    if (first !== undefined) player.jump(first.n);
  };
  return (
    <SearchBox
      label="Find events"
      placeholder="Find a name, a value, a text …"
      value={find.text.value}
      typed={(text) => {
        find.type(text);
        player.tab.value = text.trim() === '' ? 'events' : 'found';
      }}
      entered={open}
    />
  );
}
