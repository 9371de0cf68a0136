/**
 * Paints the timeline: marks by kind on top, a lane for each depth of calls, below them how much of which
 * kind happened, and the axis. The cursor is no part of it, so that moving it paints nothing anew but
 * the calls that are open.
 */
import type { Span, Timeline } from '../../api/types';
import { count, shortName } from '../../replay/format';
import { lastWhere, type SpanIndex } from '../../replay/jumps';
import type { Family } from '../../replay/kinds';
import { LOOKS, isSaid, type Mark, type MarkKind } from '../../replay/marks';
import { axisTicks, columns, extentOf, placeOf, type Axis } from '../../replay/timeline';
import { shareOf, type View } from '../../replay/zoom';

export const HEIGHT = 140;
export const PAD = 16;
const LANES = { top: 24, bottom: 100, tallest: 15 };
const STRIP = { top: 107, bottom: 118 };
/** Tops of the two rows of marks. */
const MARKS = { said: 2, told: 12 };
const AXIS = 133;
const TICK_GAP = 130;
/** Lanes take turns in these, so that neighbours differ. */
const LANE_TONES = ['call', 'loop', 'branch', 'outside'] as const;

export interface Scene {
  readonly timeline: Timeline;
  readonly marks: readonly Mark[];
  readonly index: SpanIndex;
  readonly axis: Axis;
  readonly view: View;
  /** The session as a whole: its bounds are those of the strip. */
  readonly whole: Timeline;
  readonly width: number;
  /** How far the axis is written on. */
  readonly room: number;
  /** Frames that are open at the cursor. */
  readonly open: ReadonlySet<number>;
}

export interface Palette {
  readonly family: (family: Family) => string;
  readonly text: string;
  readonly mute: string;
  readonly mono: string;
}

export function laneHeight(depths: number): number {
  return Math.min(LANES.tallest, (LANES.bottom - LANES.top) / Math.max(1, depths));
}

/** The depth whose lane is at that height, null outside of the lanes. */
export function depthAt(y: number, depths: number): number | null {
  const depth = Math.floor((y - LANES.top) / laneHeight(depths)) + 1;
  return depth >= 1 && depth <= depths ? depth : null;
}

export function paint(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  context.clearRect(0, 0, scene.width, HEIGHT);
  const painter = new Painter(context, scene, palette);
  painter.lanes();
  painter.strip();
  painter.marks();
  painter.ticks();
}

class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #scene: Scene;
  readonly #palette: Palette;
  readonly #inner: number;

  constructor(context: CanvasRenderingContext2D, scene: Scene, palette: Palette) {
    this.#context = context;
    this.#scene = scene;
    this.#palette = palette;
    this.#inner = scene.width - 2 * PAD;
  }

  lanes(): void {
    const { index } = this.#scene;
    const height = laneHeight(index.depths);
    for (let depth = 1; depth <= index.depths; depth += 1) {
      const y = LANES.top + (depth - 1) * height;
      // Calls that would fall on the same pixel are painted once.
      let painted = -1;
      for (const span of this.#seen(index.lane(depth))) {
        const right = this.#span(span, y, Math.max(1, height - 1.5), painted);
        painted = Math.max(painted, right);
      }
    }
  }

  strip(): void {
    const { timeline, axis, whole } = this.#scene;
    const full = STRIP.bottom - STRIP.top;
    this.#context.globalAlpha = 0.65;
    for (const column of columns(timeline, axis, whole)) {
      const x = this.#x(column.from);
      if (x > this.#scene.width || this.#x(column.to) < 0) continue;
      const width = Math.max(1.5, this.#x(column.to) - x - 0.5);
      let y = STRIP.bottom;
      for (const { family, share } of column.parts) {
        const height = share * column.height * full;
        this.#context.fillStyle = this.#palette.family(family);
        this.#context.fillRect(x, y - height, width, height);
        y -= height;
      }
    }
    this.#context.globalAlpha = 1;
  }

  /** Of marks of a kind that would fall on the same pixel one is painted; errors are above the rest. */
  marks(): void {
    const { axis, whole, width, marks } = this.#scene;
    const painted = new Map<MarkKind, number>();
    for (const mark of [...marks].reverse()) {
      const { shape, family } = LOOKS[mark.kind];
      const x = this.#x(placeOf(whole, axis, mark.n, mark.time_ns));
      if (x < 0 || x > width || Math.abs((painted.get(mark.kind) ?? -9) - x) < 1) continue;
      painted.set(mark.kind, x);
      this.#context.save();
      this.#context.translate(x - 4, isSaid(mark.kind) ? MARKS.said : MARKS.told);
      this.#context.fillStyle = this.#palette.family(family);
      this.#context.fill(new Path2D(shape));
      this.#context.restore();
    }
  }

  ticks(): void {
    const { whole, axis, view } = this.#scene;
    const [first, last] = axis === 'time' ? [0, whole.duration_ns] : [whole.first, whole.last];
    const at = (place: number): number => first + place * (last - first);
    const [from, to] = [at(view.from), at(view.to)];
    this.#context.fillStyle = this.#palette.mute;
    this.#context.font = `10px ${this.#palette.mono}`;
    const write = axis === 'time' ? timeWriter(to, to - from) : count;
    for (const { place, value } of axisTicks(from, to, this.#inner, TICK_GAP)) {
      const x = PAD + place * this.#inner + 2;
      // Legend and switches stand at the right end.
      if (x < this.#scene.room) this.#context.fillText(write(value), x, AXIS);
    }
  }

  #span(span: Span, y: number, height: number, painted: number): number {
    const { whole, axis, open, width: edge } = this.#scene;
    const extent = extentOf(whole, axis, span);
    // A bar that goes on beyond the edges has its name where it is seen.
    const [x, right] = [Math.max(-4, this.#x(extent.from)), Math.min(edge + 4, this.#x(extent.to))];
    const isOpen = open.has(span.frame);
    if (right - painted < 0.7 && !isOpen) return painted;
    const width = Math.max(1.5, right - x - 1.5);
    const context = this.#context;
    context.globalAlpha = isOpen ? 0.6 : 0.26;
    context.fillStyle = this.#palette.family(LANE_TONES[(span.depth - 1) % 4] ?? 'call');
    context.beginPath();
    context.roundRect(x, y, width, height, Math.min(2.5, width / 2, height / 2));
    context.fill();
    context.globalAlpha = 1;
    if (height >= 10 && width > 34) this.#name(shortName(span.function), x + 6, y + 10, width - 10);
    return right;
  }

  /** Those of a lane that are in sight; they do not overlap. */
  #seen(lane: readonly Span[]): readonly Span[] {
    const { whole, axis, view } = this.#scene;
    const begins = (i: number): number => {
      const span = lane[i];
      return span === undefined ? Infinity : extentOf(whole, axis, span).from;
    };
    const first = lastWhere(lane.length, (i) => begins(i) <= view.from);
    const last = lastWhere(lane.length, (i) => begins(i) <= view.to);
    return lane.slice(Math.max(0, first), last + 1);
  }

  #name(name: string, x: number, y: number, room: number): void {
    const fits = Math.floor(room / 5.8);
    if (fits < 3) return;
    const context = this.#context;
    context.font = `9.5px ${this.#palette.mono}`;
    context.fillStyle = this.#palette.text;
    context.globalAlpha = 0.85;
    context.fillText(name.length > fits ? `${name.slice(0, fits - 1)}…` : name, x, y);
    context.globalAlpha = 1;
  }

  #x(place: number): number {
    return PAD + shareOf(this.#scene.view, place) * this.#inner;
  }
}

/** Writes times of one axis in one unit, with as many digits as tell its ticks apart. */
function timeWriter(longest: number, range: number): (ns: number) => string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ];
  const [size, unit] = units.find(([size]) => longest >= 2 * size) ?? [1, 'ns'];
  const digits = Math.max(0, Math.min(9, Math.ceil(Math.log10((100 * size) / range))));
  return (ns) => {
    const text = (ns / size).toLocaleString('en', { maximumFractionDigits: digits });
    return `${text} ${unit}`;
  };
}
