/** Every way to move that is a button, where the cursor stands, and how fast it plays. */
import type { JSX } from 'preact';
import { SPEEDS, isSpeed } from '../../replay/clock';
import { atEnd, atStart, isFollowing } from '../../replay/cursor';
import { count, milliseconds } from '../../replay/format';
import { knowsExceptions, timeOf } from '../../replay/timeline';
import type { PlayerStore } from '../../state/player';
import { Menu } from '../Menu';
import { EventField } from './EventField';
import * as icons from '../icons';
import type { PlayerProps } from './PlayerPage';

export function Transport({ player }: PlayerProps): JSX.Element {
  return (
    <div class="transport" role="group" aria-label="Replay">
      <Moves player={player} moves={BACKWARD} />
      <PlayButton player={player} />
      <Moves player={player} moves={FORWARD} />
      <i class="sep" />
      <Position player={player} />
      <i class="sep" />
      <Speed player={player} />
      <Focus player={player} />
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

interface Move {
  readonly label: string;
  readonly keys: string;
  readonly icon: (props: icons.IconProps) => JSX.Element;
  readonly press: (player: PlayerStore) => void;
  /** Whether it leads nowhere from here. */
  readonly ends: (player: PlayerStore) => boolean;
  readonly error?: boolean;
}

const started = (player: PlayerStore): boolean => atStart(player.cursor.value);
const ended = (player: PlayerStore): boolean => atEnd(player.cursor.value);

function noneBefore({ cursor, timeline }: PlayerStore): boolean {
  const { exceptions } = timeline.value;
  if (!knowsExceptions(timeline.value)) return atStart(cursor.value);
  return !exceptions.some((mark) => mark.n < cursor.value.n);
}

function noneAfter({ cursor, timeline }: PlayerStore): boolean {
  const { exceptions } = timeline.value;
  if (!knowsExceptions(timeline.value)) return atEnd(cursor.value);
  return !exceptions.some((mark) => mark.n > cursor.value.n);
}

const BACKWARD: readonly Move[] = [
  {
    label: 'Start',
    keys: 'Home',
    icon: icons.StartIcon,
    press: (p) => {
      p.start();
    },
    ends: (p) => p.cursor.value.n === (p.view.focus.value?.first ?? p.cursor.value.first),
  },
  {
    label: 'Previous exception',
    keys: 'E',
    icon: icons.PreviousErrorIcon,
    press: (p) => void p.exception(-1),
    ends: noneBefore,
    error: true,
  },
  {
    label: 'Step out, back',
    keys: '⇧ ↑',
    icon: icons.OutBackIcon,
    press: (p) => void p.out(-1),
    ends: started,
  },
  {
    label: 'Step over, back',
    keys: '⇧ ←',
    icon: icons.OverBackIcon,
    press: (p) => void p.over(-1),
    ends: started,
  },
  {
    label: 'Step back',
    keys: '←',
    icon: icons.StepBackIcon,
    press: (p) => {
      p.step(-1);
    },
    ends: started,
  },
];

const FORWARD: readonly Move[] = [
  {
    label: 'Step',
    keys: '→',
    icon: icons.StepIcon,
    press: (p) => {
      p.step(1);
    },
    ends: ended,
  },
  {
    label: 'Step over',
    keys: '⇧ →',
    icon: icons.OverIcon,
    press: (p) => void p.over(1),
    ends: ended,
  },
  { label: 'Step out', keys: '⇧ ↓', icon: icons.OutIcon, press: (p) => void p.out(1), ends: ended },
  {
    label: 'Next exception',
    keys: 'e',
    icon: icons.NextErrorIcon,
    press: (p) => void p.exception(1),
    ends: noneAfter,
    error: true,
  },
  {
    label: 'End',
    keys: 'End',
    icon: icons.EndIcon,
    press: (p) => {
      p.end();
    },
    ends: (p) => p.cursor.value.n === (p.view.focus.value?.last ?? p.cursor.value.last),
  },
];

/** Those that lead nowhere keep the focus, which would be lost with a button that is disabled. */
function Moves({ player, moves }: PlayerProps & { readonly moves: readonly Move[] }): JSX.Element {
  return (
    <>
      {moves.map(({ label, keys, icon: Icon, press, ends, error }) => (
        <button
          key={label}
          type="button"
          class={`tool ${error ? 'error-tool' : ''}`}
          aria-label={label}
          title={`${label}  ${keys}`}
          aria-disabled={ends(player)}
          onClick={() => {
            if (!ends(player)) press(player);
          }}
        >
          <Icon />
        </button>
      ))}
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
  return (
    <>
      <span class="position">
        <EventField player={player} /> <em>of {count(player.cursor.value.last)}</em>
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

/** What the lists keep to, and the way out of it. */
function Focus({ player }: PlayerProps): JSX.Element | null {
  const times = player.view.focusTimes;
  const range = player.view.focus.value;
  if (times === null || range === null) return null;
  return (
    <span class="pill" title={`events ${count(range.first)} to ${count(range.last)}`}>
      focus
      <button
        type="button"
        class="textual"
        title="Show it as wide as the timeline"
        onClick={() => {
          player.view.show(range);
        }}
      >
        <b>{`${milliseconds(times[0])} – ${milliseconds(times[1])} ms`}</b>
      </button>
      <button
        type="button"
        class="textual"
        aria-label="No focus"
        title="Show everything  F"
        onClick={() => {
          player.view.setFocus(null);
        }}
      >
        <icons.CloseIcon size={10} />
      </button>
    </span>
  );
}

function Follow({ player }: PlayerProps): JSX.Element {
  const { n, last } = player.cursor.value;
  const on = isFollowing(player.cursor.value);
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
      {n < last && <b>{count(last - n)} behind</b>}
    </button>
  );
}

function Trouble({ player }: PlayerProps): JSX.Element | null {
  const problem = player.moments.problem.value ?? player.facts.problem.value;
  if (problem === null) return null;
  return (
    <span class="trouble" role="alert">
      <span class="chip err">{problem.message}</span>
      <button type="button" class="pill" onClick={() => void player.refresh()}>
        try again
      </button>
    </span>
  );
}
