/** The whole session at a glance: drag to scrub, hover to see what ran, arrows as everywhere. */
import type { HTMLAttributes, JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { count, milliseconds, shortName } from '../../replay/format';
import { eventAtPlace, placeOf, spanAtPlace, timeOf } from '../../replay/timeline';
import type { PlayerStore } from '../../state/player';
import { useSize } from '../size';
import { timeAt } from './Transport';
import { HEIGHT, PAD, depthAt, paint } from './paintTimeline';
import { usePalette } from './palette';
import type { PlayerProps } from './PlayerPage';

interface Hover {
  readonly x: number;
  readonly y: number;
}

export function TimelineStrip({ player }: PlayerProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const [hover, setHover] = useState<Hover | null>(null);
  usePainting(player, canvas, width);
  const { n, first, last } = player.cursor.value;
  return (
    <div ref={box} class="timeline">
      <canvas ref={canvas} aria-hidden="true" />
      <div
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label="Moment"
        aria-valuemin={first}
        aria-valuemax={last}
        aria-valuenow={n}
        aria-valuetext={`event ${count(n)} of ${count(last)}`}
        {...scrubbing(player, width, setHover)}
      />
      {width > 0 && n > 0 && <CursorMark player={player} width={width} />}
      {hover && <Hint player={player} hover={hover} width={width} />}
      <AxisSwitch player={player} />
    </div>
  );
}

type PointerHandlers = Pick<
  HTMLAttributes<HTMLDivElement>,
  'onPointerDown' | 'onPointerMove' | 'onPointerLeave'
>;

function scrubbing(
  player: PlayerStore,
  width: number,
  setHover: (hover: Hover | null) => void,
): PointerHandlers {
  const where = (event: PointerEvent, strip: HTMLElement): Hover => {
    const { left, top } = strip.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const scrub = (x: number): void => {
    player.scrub(eventAtPlace(player.timeline.value, player.axis.value, placeAt(x, width)));
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      scrub(where(event, event.currentTarget).x);
    },
    onPointerMove: (event) => {
      const at = where(event, event.currentTarget);
      setHover(at);
      if ((event.buttons & 1) === 1) scrub(at.x);
    },
    onPointerLeave: () => {
      setHover(null);
    },
  };
}

function placeAt(x: number, width: number): number {
  return (x - PAD) / Math.max(1, width - 2 * PAD);
}

function CursorMark({ player, width }: PlayerProps & { readonly width: number }): JSX.Element {
  const { n } = player.cursor.value;
  const place = placeOf(player.timeline.value, player.axis.value, n, timeAt(player));
  const x = PAD + place * (width - 2 * PAD);
  return (
    <svg
      class="cursor"
      width="14"
      height={HEIGHT}
      style={{ transform: `translateX(${x - 7}px)` }}
      aria-hidden="true"
    >
      <path d="M0 0h14l-7 9z" />
      <line x1="7" x2="7" y1="0" y2="121" />
    </svg>
  );
}

interface HintProps extends PlayerProps {
  readonly hover: Hover;
  readonly width: number;
}

function Hint({ player, hover, width }: HintProps): JSX.Element | null {
  const timeline = player.timeline.value;
  const place = placeAt(hover.x, width);
  if (timeline.last === 0 || place < 0 || place > 1) return null;
  const index = player.stepping.spans.value;
  const depth = depthAt(hover.y, index.depths);
  const span =
    depth === null ? undefined : spanAtPlace(timeline, index, player.axis.value, place, depth);
  const n = eventAtPlace(timeline, player.axis.value, place);
  const style =
    hover.x > width - 240 ? { right: `${width - hover.x + 10}px` } : { left: `${hover.x + 10}px` };
  return (
    <>
      <i class="hover-line" style={{ left: `${hover.x}px` }} />
      <div class="hint" style={style} role="presentation">
        <b>{span ? shortName(span.function) : `event ${count(n)}`}</b>
        <span>+{milliseconds(timeOf(timeline, n))} ms</span>
      </div>
    </>
  );
}

function AxisSwitch({ player }: PlayerProps): JSX.Element {
  const axis = player.axis.value;
  return (
    <button
      type="button"
      class="textual axis-switch"
      title="What the width stands for: time, or events"
      onClick={() => {
        player.axis.value = axis === 'time' ? 'events' : 'time';
      }}
    >
      by <b>{axis === 'time' ? 'time' : 'event'}</b>
    </button>
  );
}

function usePainting(
  player: PlayerStore,
  canvas: RefObject<HTMLCanvasElement | null>,
  width: number,
): void {
  const palette = usePalette();
  const timeline = player.timeline.value;
  const axis = player.axis.value;
  const index = player.stepping.spans.value;
  const stack = player.moments.shown.value?.stack ?? [];
  const frames = stack.map(({ frame }) => frame).join(' ');
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const scale = window.devicePixelRatio;
    element.width = Math.round(width * scale);
    element.height = Math.round(HEIGHT * scale);
    element.style.width = `${width}px`;
    element.style.height = `${HEIGHT}px`;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const open = new Set(stack.map(({ frame }) => frame));
    paint(context, { timeline, index, axis, width, open }, palette);
  }, [canvas, width, palette, timeline, index, axis, frames]);
}
