/** Which page stands. */
import type { JSX } from 'preact';
import type { AppStore } from '../state/app';
import { ComparisonPage } from './comparison/ComparisonPage';
import { Lost } from './Lost';
import { PlayerPage } from './player/PlayerPage';
import { RecordingPage } from './recording/RecordingPage';
import { SessionsPage } from './sessions/SessionsPage';

export function App({ app }: { readonly app: AppStore }): JSX.Element {
  const place = app.place.value;
  const player = app.player.value;
  if (place.page === 'sessions') return <SessionsPage app={app} />;
  if (place.page === 'player' && player !== null) {
    return <PlayerPage key={player.id} app={app} player={player} />;
  }
  const comparison = app.comparison.value;
  if (comparison !== null) return <ComparisonPage app={app} comparison={comparison} />;
  const recording = app.recording.value;
  if (recording !== null) return <RecordingPage app={app} recording={recording} />;
  return <Lost app={app} title="There is nothing here" detail="The address leads to no page." />;
}
