/** One exception: where it was raised, each frame that it left, who took it, and what led to it. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { EarlierException, TracebackEntry, Way, WayStep } from '../../api/types';
import { count, frameName, splitPath } from '../../replay/format';
import { momentAddress } from '../../replay/place';
import type { PlayerProps } from './PlayerPage';

interface ExceptionWayProps extends PlayerProps {
  /** The event at which it was first seen. */
  readonly n: number;
}

export function ExceptionWay({ player, n }: ExceptionWayProps): JSX.Element {
  const way = player.ways.of(n);
  useEffect(() => {
    void player.ways.look(n, player.running.peek());
  }, [player, n]);
  return (
    <section class="way" aria-label="Way of the exception" aria-busy={way === undefined}>
      {way === null && (
        <p class="quiet error-text" role="alert">
          Its way could not be read.
        </p>
      )}
      {way && <Told player={player} way={way} />}
    </section>
  );
}

function Told({ player, way }: PlayerProps & { readonly way: Way }): JSX.Element {
  const last = way.steps.at(-1);
  const within = way.steps[0]?.event.traceback?.slice(1) ?? [];
  return (
    <>
      <h2 class="way-head error-text">{way.text}</h2>
      <ol>
        {within.toReversed().map((entry, i) => (
          <Unrecorded key={i} entry={entry} innermost={i === 0} />
        ))}
        {way.steps.map((step) => (
          <Step key={step.event.n} player={player} step={step} within={within.length > 0} />
        ))}
      </ol>
      {last?.what === 'left' && <p class="quiet">Nobody here took it.</p>}
      {way.earlier.map((earlier) => (
        <Earlier key={earlier.n} player={player} earlier={earlier} />
      ))}
    </>
  );
}

const WHAT = {
  raised: 'raised in',
  passed: 'passes',
  left: 'leaves',
  handled: 'handled in',
} as const;

interface StepProps extends PlayerProps {
  readonly step: WayStep;
  /** It came out of code that is not recorded, and was first seen here. */
  readonly within: boolean;
}

function Step({ player, step, within }: StepProps): JSX.Element {
  const { event } = step;
  const current = event.n === player.cursor.value.n;
  const what = step.what === 'raised' && within ? 'comes to' : WHAT[step.what];
  return (
    <li>
      <a
        class={`way-step ${current ? 'on' : ''}`}
        href={momentAddress(player.id, event.n)}
        aria-current={current ? 'step' : undefined}
        title={`${event.line_text ?? ''}\n${event.file}:${event.line}\nevent ${count(event.n)}`}
        data-n={event.n}
        onClick={(click) => {
          if (click.ctrlKey || click.metaKey || click.shiftKey) return;
          click.preventDefault();
          player.jump(event.n);
        }}
      >
        <i class={`dot ${step.what === 'handled' ? 'k-return' : 'k-exception'}`} />
        <span class="dim">{what}</span>
        <b class="ell">{frameName(event)}</b>
        <span class="dim where">{`${splitPath(event.file).file}:${event.line}`}</span>
      </a>
    </li>
  );
}

interface UnrecordedProps {
  readonly entry: TracebackEntry;
  readonly innermost: boolean;
}

/** A frame of code that is not recorded: known by the traceback, with no moment to go to. */
function Unrecorded({ entry, innermost }: UnrecordedProps): JSX.Element {
  return (
    <li class="way-step dim" title={`${entry.file}:${entry.line}\nnot recorded`}>
      <i class="dot k-outside" />
      <span>{innermost ? 'raised in' : 'leaves'}</span>
      <span class="ell">{entry.function}</span>
      <span class="where">{`${splitPath(entry.file).file}:${entry.line}`}</span>
    </li>
  );
}

const RELATIONS = {
  cause: 'caused by',
  context: 'while handling',
  suppressed: 'while handling, hidden by “from None”',
} as const;

function Earlier({
  player,
  earlier,
}: PlayerProps & { readonly earlier: EarlierException }): JSX.Element {
  return (
    <button
      type="button"
      class="way-step earlier"
      title={`${earlier.text}\nevent ${count(earlier.n)}`}
      data-n={earlier.n}
      onClick={() => {
        player.jump(earlier.n);
      }}
    >
      <span class="dim">{RELATIONS[earlier.relation]}</span>
      <span class="ell error-text">{earlier.text}</span>
    </button>
  );
}
