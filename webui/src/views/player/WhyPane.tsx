/** Right: why it is so. The call stack, the variables of a frame, and what a variable was before. */
import type { JSX } from 'preact';
import type { Moment, StackFrame } from '../../api/types';
import { count, counted, frameName, splitPath } from '../../replay/format';
import { VariableHistory } from './VariableHistory';
import { Variables } from './Variables';
import { Watches } from './Watches';
import type { PlayerProps, ResizedProps } from './PlayerPage';
import { Splitter, heightOf } from './Splitter';

export function WhyPane({ layout, player }: ResizedProps): JSX.Element {
  const moment = player.moments.shown.value;
  const frame = moment?.stack.find((open) => open.frame === moment.frame);
  return (
    <section class="pane why" aria-label="Why">
      <h2 class="pane-title">
        Call stack {moment && <span>{counted(moment.stack.length, 'frame')}</span>}
      </h2>
      <div class="stack-pane" style={heightOf(layout, 'stack')}>
        {moment && <CallStack player={player} moment={moment} />}
        <Splitter layout={layout} pane="stack" label="Height of the call stack" />
      </div>
      <h2 class="pane-title">
        Variables
        {moment && frame && (
          <span class="ell">
            {frameName(frame)} · at {count(moment.n)}
          </span>
        )}
      </h2>
      {moment && <Variables player={player} moment={moment} />}
      {moment && <Watches player={player} />}
      {player.history.subject.value && <VariableHistory layout={layout} player={player} />}
    </section>
  );
}

interface CallStackProps extends PlayerProps {
  readonly moment: Moment;
}

function CallStack({ player, moment }: CallStackProps): JSX.Element {
  if (moment.stack.length === 0) return <p class="quiet">No frame is open.</p>;
  return (
    <ol class="stack" aria-label="Call stack, innermost first">
      {moment.stack.map((frame, i) => (
        <li key={frame.frame}>
          <button
            type="button"
            class={`frame ${frame.frame === moment.frame ? 'on' : ''}`}
            aria-pressed={frame.frame === moment.frame}
            title={`${frame.function}${frame.text}\n${frame.file}:${frame.line}`}
            data-frame={frame.frame}
            onClick={() => {
              player.choose(frame);
            }}
          >
            <span>{frameName(frame)}</span>
            <span class="dim ell">{frame.text}</span>
            {i > 0 && <span class="dim where">{whereOf(frame)}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}

function whereOf(frame: StackFrame): string {
  return `${splitPath(frame.file).file}:${frame.line}`;
}
