/**
 * The whole session at a glance: drag to scrub, hover to see what ran, the wheel to look closer, and with
 * Shift a drag chooses the focus.
 */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, milliseconds, shortName } from '../../replay/format';
import { SpanIndex } from '../../replay/jumps';
import { LOOKS, marked } from '../../replay/marks';
import type { Range } from '../../replay/range';
import { EMPTY_TIMELINE, spanAtPlace, timeOf } from '../../replay/timeline';
import { isWhole, shareOf } from '../../replay/zoom';
import type { PlayerStore } from '../../state/player';
import { useSize } from '../size';
import { timeAt } from './Transport';
import { HEIGHT, PAD, depthAt, paint } from './paintTimeline';
import { usePalette } from './palette';
import type { PlayerProps } from './PlayerPage';
import { markAt, placeAt, pointing, useWheel, type Point } from './pointing';

/** What an axis label needs besides the switches. */
const AXIS_GAP = 70;

interface StripProps extends PlayerProps {
  /** Further switches. */
  readonly children?: ComponentChildren;
}

export function TimelineStrip({ player, children }: StripProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const [hover, setHover] = useState<Point | null>(null);
  const [choice, setChoice] = useState<Range | null>(null);
  usePainting(player, canvas, width);
  useWheel(player, box, width);
  const { n, first, last } = player.cursor.value;
  const range = choice ?? player.view.focus.value;
  return (
    <div ref={box} class="timeline" aria-busy={player.timeline.value === EMPTY_TIMELINE}>
      <canvas ref={canvas} aria-hidden="true" />
      {range && width > 0 && <Band player={player} range={range} width={width} />}
      <div
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label="Moment"
        aria-valuemin={first}
        aria-valuemax={last}
        aria-valuenow={n}
        aria-valuetext={`event ${count(n)} of ${count(last)}`}
        {...pointing(player, width, setHover, setChoice)}
      />
      {width > 0 && n > 0 && <CursorMark player={player} width={width} />}
      {hover && <Hint player={player} hover={hover} width={width} />}
      <Switches player={player}>{children}</Switches>
    </div>
  );
}

function xOf(player: PlayerStore, place: number, width: number): number {
  return PAD + shareOf(player.view.view.value, place) * (width - 2 * PAD);
}

interface BandProps extends PlayerProps {
  readonly range: Range;
  readonly width: number;
}

/** The focus, or what is about to become it. */
function Band({ player, range, width }: BandProps): JSX.Element {
  const [left, right] = [range.first, range.last].map((n) =>
    Math.min(width, Math.max(0, xOf(player, player.view.placeOf(n), width))),
  ) as [number, number];
  return <i class="band" style={{ left: `${left}px`, width: `${Math.max(2, right - left)}px` }} />;
}

function CursorMark({ player, width }: PlayerProps & { readonly width: number }): JSX.Element {
  const { n } = player.cursor.value;
  const place = player.view.placeOf(n, timeAt(player));
  return (
    <svg
      class="cursor"
      width="14"
      height={HEIGHT}
      style={{ transform: `translateX(${xOf(player, place, width) - 7}px)` }}
      aria-hidden="true"
    >
      <path d="M0 0h14l-7 9z" />
      <line x1="7" x2="7" y1="0" y2="121" />
    </svg>
  );
}

interface HintProps extends PlayerProps {
  readonly hover: Point;
  readonly width: number;
}

function Hint({ player, hover, width }: HintProps): JSX.Element | null {
  const timeline = player.timeline.value;
  const axis = player.view.axis.value;
  const place = placeAt(player, hover.x, width);
  const index = useIndex(player);
  if (timeline.last === 0 || place < 0 || place > 1) return null;
  const depth = depthAt(hover.y, index.depths);
  const span = depth === null ? undefined : spanAtPlace(timeline, index, axis, place, depth);
  const mark = markAt(player, hover, width);
  const n = mark?.n ?? player.view.eventAt(place);
  const style =
    hover.x > width - 240 ? { right: `${width - hover.x + 10}px` } : { left: `${hover.x + 10}px` };
  return (
    <>
      <i class="hover-line" style={{ left: `${hover.x}px` }} />
      <div class="hint" style={style} role="presentation">
        <b class="ell">{mark?.text ?? (span ? shortName(span.function) : `event ${count(n)}`)}</b>
        <span>+{milliseconds(timeOf(player.view.drawn.value, n))} ms</span>
      </div>
    </>
  );
}

function Switches({ player, children }: StripProps): JSX.Element {
  const { view } = player;
  return (
    <div class="switches">
      <Legend player={player} />
      {children}
      {!isWhole(view.view.value) && (
        <button
          type="button"
          class="textual"
          title="The whole session  0"
          onClick={() => {
            view.showWhole();
          }}
        >
          <b>whole</b>
        </button>
      )}
      <button
        type="button"
        class="textual"
        title="What the width stands for: time, or events"
        onClick={() => {
          view.turnAxis();
        }}
      >
        by <b>{view.axis.value === 'time' ? 'time' : 'event'}</b>
      </button>
    </div>
  );
}

/** The kinds of marks that there are, each a switch. */
function Legend({ player }: PlayerProps): JSX.Element {
  const { view } = player;
  return (
    <div class="marks-legend" role="group" aria-label="Marks">
      {marked(player.timeline.value).map(({ kind, events }) => {
        const { name, shape, family } = LOOKS[kind];
        return (
          <button
            key={kind}
            type="button"
            class="textual"
            aria-pressed={!view.hiddenMarks.value.has(kind)}
            aria-label={name}
            title={`${name}: ${count(events)}`}
            onClick={() => {
              view.turnMarks(kind);
            }}
          >
            <svg width="8" height="8" class={`f-${family}`} aria-hidden="true">
              <path d={shape} />
            </svg>
            <span>{name}</span>
          </button>
        );
      })}
    </div>
  );
}

/** The calls that are drawn, by depth. */
function useIndex(player: PlayerStore): SpanIndex {
  const drawn = player.view.drawn.value;
  const whole = player.timeline.value;
  const known = player.stepping.spans.value;
  return useMemo(
    () => (drawn === whole ? known : new SpanIndex(drawn.spans)),
    [drawn, whole, known],
  );
}

function usePainting(
  player: PlayerStore,
  canvas: RefObject<HTMLCanvasElement | null>,
  width: number,
): void {
  const palette = usePalette();
  const whole = player.timeline.value;
  const timeline = player.view.drawn.value;
  const axis = player.view.axis.value;
  const view = player.view.view.value;
  const index = useIndex(player);
  const stack = player.moments.shown.value?.stack ?? [];
  const frames = stack.map(({ frame }) => frame).join(' ');
  const marks = player.view.marks.value;
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
    const switches = element.parentElement?.querySelector<HTMLElement>('.switches');
    const room = width - (switches?.offsetWidth ?? 0) - AXIS_GAP;
    paint(context, { timeline, marks, whole, index, axis, view, width, room, open }, palette);
  }, [canvas, width, palette, timeline, marks, whole, index, axis, view, frames]);
}
