/** The player: the whole session above, under it where, what and why. One screen, no page scroll. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AppStore } from '../../state/app';
import type { LayoutStore } from '../../state/layout';
import type { PlayerStore } from '../../state/player';
import { Lost } from '../Lost';
import { Help } from '../Help';
import { useKeys } from '../keyboard';
import { KEY_BINDINGS, OTHER_KEYS } from '../keys';
import { Footer } from './Footer';
import { Lanes, LanesSwitch } from './Lanes';
import { PlayerHeader } from './PlayerHeader';
import { SourcePane } from './SourcePane';
import { Splitter } from './Splitter';
import { Spoken } from './Spoken';
import { TimelineStrip } from './TimelineStrip';
import { Transport } from './Transport';
import { WherePane } from './WherePane';
import { WhyPane } from './WhyPane';

export interface PlayerProps {
  readonly player: PlayerStore;
}

const KEYS = [...KEY_BINDINGS, ...OTHER_KEYS];

export function PlayerPage(props: PlayerProps & { readonly app: AppStore }): JSX.Element {
  const { app, player } = props;
  useKeys(KEY_BINDINGS, player);
  const session = player.session.value;
  const problem = player.facts.problem.value;
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
      <main>
        <div>
          <TimelineStrip player={player}>
            <LanesSwitch app={app} player={player} />
          </TimelineStrip>
          <Lanes app={app} player={player} />
        </div>
        <Transport player={player} />
        <Panes layout={app.layout} player={player} />
        <Spoken player={player} />
      </main>
      <Footer app={app} player={player} />
      <Help keys={KEYS} open={player.help} />
    </div>
  );
}

/** A part of the player that the reader may resize. */
export interface ResizedProps extends PlayerProps {
  readonly layout: LayoutStore;
}

function Panes({ layout, player }: ResizedProps): JSX.Element {
  const { where, why } = layout.sizes;
  return (
    <div
      class="panes"
      style={{ '--where': `${where.value ?? 0}px`, '--why': `${why.value ?? 0}px` }}
    >
      <WherePane player={player} />
      <SourcePane layout={layout} player={player} />
      <WhyPane layout={layout} player={player} />
      <Splitter layout={layout} pane="where" label="Width of the left pane" />
      <Splitter layout={layout} pane="why" label="Width of the right pane" />
    </div>
  );
}

/** A button that was clicked does not take the keys: Space goes on to mean play. */
function keepFocus(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button') !== null) {
    event.preventDefault();
  }
}

function useTitle(name: string | undefined): void {
  useEffect(() => {
    document.title = name === undefined ? 'Rewind' : `${name} · Rewind`;
    return () => {
      document.title = 'Rewind';
    };
  }, [name]);
}
