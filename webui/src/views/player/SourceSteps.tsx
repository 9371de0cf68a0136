/** Steppers above the source: from call to call of a function, from round to round of a loop. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Hits, Moment } from '../../api/types';
import { callPlace } from '../../replay/calls';
import { count } from '../../replay/format';
import { iterationPlace } from '../../replay/loops';
import type { PlayerStore } from '../../state/player';
import { ChevronLeft, ChevronRight } from '../icons';
import type { PlayerProps } from './PlayerPage';

interface CallStepsProps extends PlayerProps {
  readonly frame: number;
}

export function CallSteps({ player, frame }: CallStepsProps): JSX.Element | null {
  const place = useCallPlace(player, frame);
  if (place === null) return null;
  return (
    <span class="pill steps">
      <Step player={player} to={place.previous} label="Previous call">
        <ChevronLeft size={12} />
      </Step>
      call <b>{count(place.at)}</b> of {count(place.hits)}
      <Step player={player} to={place.next} label="Next call">
        <ChevronRight size={12} />
      </Step>
    </span>
  );
}

/** By the timeline where that has all calls, else by the server. */
function useCallPlace(player: PlayerStore, frame: number): Hits | null {
  const { spans, spans_complete: complete } = player.timeline.value;
  const running = player.running.value;
  useEffect(() => {
    if (!complete) void player.calls.look(frame, running);
  }, [player, frame, complete, running]);
  const known = useMemo(
    () => (complete ? callPlace(spans, frame) : null),
    [spans, complete, frame],
  );
  return complete ? known : player.calls.of(frame);
}

interface IterationStepsProps extends PlayerProps {
  readonly moment: Moment;
}

export function IterationSteps({ player, moment }: IterationStepsProps): JSX.Element | null {
  const call = moment.frame === null ? null : player.coverage.of(moment.frame);
  const { source, n } = moment;
  const text = source === null ? [] : player.sources.of(source.file).value.text;
  const line = source?.line ?? 0;
  const place = useMemo(
    () => (call === null ? null : iterationPlace(call.events, text, line, n)),
    [call, text, line, n],
  );
  if (place === null) return null;
  return (
    <span class="pill steps" title={`The loop at line ${place.line}`}>
      <Step player={player} to={place.previous} label="Previous iteration">
        <ChevronLeft size={12} />
      </Step>
      iteration <b>{count(place.at)}</b> of {count(place.count)}
      <Step player={player} to={place.next} label="Next iteration">
        <ChevronRight size={12} />
      </Step>
    </span>
  );
}

interface StepProps extends PlayerProps {
  /** The event to go to; null where there is no further one. */
  readonly to: number | null;
  readonly label: string;
  readonly children: ComponentChildren;
}

function Step({ player, to, label, children }: StepProps): JSX.Element {
  return (
    <button
      type="button"
      class="textual"
      aria-label={label}
      title={label}
      aria-disabled={to === null}
      onClick={() => {
        if (to !== null) player.jump(to);
      }}
    >
      {children}
    </button>
  );
}
