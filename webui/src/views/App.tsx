/** Which page stands. */
import type { JSX } from 'preact';
import type { AppStore } from '../state/app';
import { Lost } from './Lost';
import { PlayerPage } from './player/PlayerPage';
import { SessionsPage } from './sessions/SessionsPage';

export function App({ app }: { readonly app: AppStore }): JSX.Element {
  const place = app.place.value;
  const player = app.player.value;
  if (place.page === 'sessions') return <SessionsPage app={app} />;
  if (place.page === 'player' && player !== null) {
    return <PlayerPage key={player.id} app={app} player={player} />;
  }
  return <Lost app={app} title="There is nothing here" detail="The address leads to no page." />;
}
