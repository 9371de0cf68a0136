/** The player: the whole session above, under it where, what and why. One screen, no page scroll. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import type { AppStore } from '../../state/app';
import type { PlayerStore } from '../../state/player';
import { Lost } from '../Lost';
import { pressed } from '../keys';
import { Footer } from './Footer';
import { Help } from './Help';
import { PlayerHeader } from './PlayerHeader';
import { SourcePane } from './SourcePane';
import { TimelineStrip } from './TimelineStrip';
import { Transport } from './Transport';
import { WherePane } from './WherePane';
import { WhyPane } from './WhyPane';

export interface PlayerProps {
  readonly player: PlayerStore;
}

export function PlayerPage(props: PlayerProps & { readonly app: AppStore }): JSX.Element {
  const { app, player } = props;
  useKeys(player);
  const session = player.session.value;
  const problem = player.problem.value;
  useTitle(session?.name ?? session?.trigger);
  if (session === null && problem !== null) {
    const unknown = problem.status === 404;
    return (
      <Lost
        app={app}
        title={unknown ? 'This session is not known' : 'The session cannot be read'}
        detail={
          unknown ? 'It was never recorded here, or it has been removed since.' : problem.message
        }
        {...(unknown
          ? {}
          : {
              retry: () => {
                player.reopen();
              },
            })}
      />
    );
  }
  return (
    <div class="page player-page" onMouseDown={keepFocus} aria-busy={session === null}>
      <PlayerHeader app={app} player={player} />
      <TimelineStrip player={player} />
      <Transport player={player} />
      <main class="panes">
        <WherePane player={player} />
        <SourcePane player={player} />
        <WhyPane player={player} />
      </main>
      <Footer player={player} />
      {player.help.value && <Help player={player} />}
    </div>
  );
}

/** A button that was clicked does not take the keys: Space goes on to mean play. */
function keepFocus(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button') !== null) {
    event.preventDefault();
  }
}

function useKeys(player: PlayerStore): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      pressed(event, player);
    };
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('keydown', press);
    };
  }, [player]);
}

function useTitle(name: string | undefined): void {
  useEffect(() => {
    document.title = name === undefined ? 'Rewind' : `${name} · Rewind`;
    return () => {
      document.title = 'Rewind';
    };
  }, [name]);
}
