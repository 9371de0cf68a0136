/** Every way to move that is a button, where the cursor stands, and how fast it plays. */
import type { ComponentChildren, JSX } from 'preact';
import { SPEEDS, isSpeed } from '../../replay/clock';
import { atEnd, atStart } from '../../replay/cursor';
import { count, milliseconds } from '../../replay/format';
import { timeOf } from '../../replay/timeline';
import type { PlayerStore } from '../../state/player';
import { Menu } from '../Menu';
import * as icons from '../icons';
import type { PlayerProps } from './PlayerPage';

export function Transport({ player }: PlayerProps): JSX.Element {
  return (
    <div class="transport" role="toolbar" aria-label="Replay">
      <Backward player={player} />
      <PlayButton player={player} />
      <Forward player={player} />
      <i class="sep" />
      <Position player={player} />
      <i class="sep" />
      <Speed player={player} />
      {player.running.value && <Follow player={player} />}
      <Trouble player={player} />
      <button
        type="button"
        class="textual dim aside"
        aria-expanded={player.help.value}
        onClick={() => {
          player.help.value = !player.help.value;
        }}
      >
        keys <kbd>?</kbd>
      </button>
    </div>
  );
}

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly off?: boolean;
  readonly error?: boolean;
  readonly press: () => void;
  readonly children: ComponentChildren;
}

function Button({ label, keys, off, error, press, children }: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`tool ${error ? 'error-tool' : ''}`}
      aria-label={label}
      title={`${label}  ${keys}`}
      disabled={off}
      onClick={press}
    >
      {children}
    </button>
  );
}

function Backward({ player }: PlayerProps): JSX.Element {
  const cursor = player.cursor.value;
  const off = atStart(cursor);
  const none = !player.timeline.value.exceptions.some(({ n }) => n < cursor.n);
  return (
    <>
      <Button
        label="Start"
        keys="Home"
        off={off}
        press={() => {
          player.start();
        }}
      >
        <icons.StartIcon />
      </Button>
      <Button
        label="Previous exception"
        keys="E"
        off={none}
        error
        press={() => {
          player.exception(-1);
        }}
      >
        <icons.PreviousErrorIcon />
      </Button>
      <Button label="Step out, back" keys="⇧ ↑" off={off} press={() => void player.out(-1)}>
        <icons.OutBackIcon />
      </Button>
      <Button label="Step over, back" keys="⇧ ←" off={off} press={() => void player.over(-1)}>
        <icons.OverBackIcon />
      </Button>
      <Button
        label="Step back"
        keys="←"
        off={off}
        press={() => {
          player.step(-1);
        }}
      >
        <icons.StepBackIcon />
      </Button>
    </>
  );
}

function Forward({ player }: PlayerProps): JSX.Element {
  const cursor = player.cursor.value;
  const off = atEnd(cursor);
  const none = !player.timeline.value.exceptions.some(({ n }) => n > cursor.n);
  return (
    <>
      <Button
        label="Step"
        keys="→"
        off={off}
        press={() => {
          player.step(1);
        }}
      >
        <icons.StepIcon />
      </Button>
      <Button label="Step over" keys="⇧ →" off={off} press={() => void player.over(1)}>
        <icons.OverIcon />
      </Button>
      <Button label="Step out" keys="⇧ ↓" off={off} press={() => void player.out(1)}>
        <icons.OutIcon />
      </Button>
      <Button
        label="Next exception"
        keys="e"
        off={none}
        error
        press={() => {
          player.exception(1);
        }}
      >
        <icons.NextErrorIcon />
      </Button>
      <Button
        label="End"
        keys="End"
        off={off}
        press={() => {
          player.end();
        }}
      >
        <icons.EndIcon />
      </Button>
    </>
  );
}

function PlayButton({ player }: PlayerProps): JSX.Element {
  const playing = player.playback.playing.value;
  return (
    <button
      type="button"
      class="tool play"
      aria-label={playing ? 'Pause' : 'Play'}
      title={`${playing ? 'Pause' : 'Play'}  Space`}
      onClick={() => {
        player.toggle();
      }}
    >
      {playing ? <icons.PauseIcon /> : <icons.PlayIcon />}
    </button>
  );
}

function Position({ player }: PlayerProps): JSX.Element {
  const { n, last } = player.cursor.value;
  return (
    <>
      <span class="position" data-position={n}>
        <b>{count(n)}</b> <em>of {count(last)}</em>
      </span>
      <i class="sep" />
      <span class="position">
        +{milliseconds(timeAt(player))} <em>ms</em>
      </span>
    </>
  );
}

/** The exact time of the cursor's event where it is known, an estimate while it is on its way. */
export function timeAt(player: PlayerStore): number {
  const { n } = player.cursor.value;
  const moment = player.moments.shown.value;
  return moment?.n === n ? moment.event.time_ns : timeOf(player.timeline.value, n);
}

function Speed({ player }: PlayerProps): JSX.Element {
  return (
    <Menu
      label="speed"
      value={String(player.speed.value)}
      choices={SPEEDS.map((speed) => ({ value: String(speed), text: `${speed}×` }))}
      chosen={(value) => {
        const speed = Number(value);
        if (isSpeed(speed)) player.setSpeed(speed);
      }}
    />
  );
}

function Follow({ player }: PlayerProps): JSX.Element {
  const { follow } = player.cursor.value;
  const on = follow && atEnd(player.cursor.value);
  return (
    <button
      type="button"
      class={`pill ${on ? 'on' : ''}`}
      aria-pressed={on}
      title="Stay at the newest event while the program runs"
      onClick={() => {
        player.setFollow(!on);
      }}
    >
      follow
    </button>
  );
}

function Trouble({ player }: PlayerProps): JSX.Element | null {
  const problem = player.moments.problem.value ?? player.problem.value;
  if (problem === null) return null;
  return (
    <span class="chip err" role="alert">
      {problem.message}
    </span>
  );
}
