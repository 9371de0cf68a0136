/** What pointer and wheel do on the timeline: scrub, choose a focus, look closer and further along. */
import type { HTMLAttributes, RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Range } from '../../replay/range';
import { isSaid, markBetween, type Mark } from '../../replay/marks';
import { placeOfShare } from '../../replay/zoom';
import { toMark } from '../../state/leaps';
import type { PlayerStore } from '../../state/player';
import { PAD } from './paintTimeline';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The place of the strip at a pixel. */
export function placeAt(player: PlayerStore, x: number, width: number): number {
  return placeOfShare(player.view.view.value, (x - PAD) / Math.max(1, width - 2 * PAD));
}

/** How far a mark reaches to its sides, and both rows of them down, in pixels. */
const MARK = { aside: 6, upper: 10, below: 21 };

/** The mark under the pointer; of two rows, that of the pointer's own first. */
export function markAt(player: PlayerStore, { x, y }: Point, width: number): Mark | null {
  if (y > MARK.below) return null;
  const [from, to] = [
    placeAt(player, x - MARK.aside, width),
    placeAt(player, x + MARK.aside, width),
  ];
  const { marks, axis } = player.view;
  const near = (said: boolean): Mark | null =>
    markBetween(
      marks.value.filter(({ kind }) => isSaid(kind) === said),
      player.timeline.value,
      axis.value,
      { from, to },
    );
  const upper = y < MARK.upper;
  return near(upper) ?? near(!upper);
}

function where(event: PointerEvent, strip: HTMLElement): Point {
  const { left, top } = strip.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

type PointerHandlers = Pick<
  HTMLAttributes<HTMLDivElement>,
  'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerLeave'
>;

/** A drag scrubs; with Shift it chooses the focus. */
export function pointing(
  player: PlayerStore,
  width: number,
  setHover: (hover: Point | null) => void,
  setChoice: (choice: Range | null) => void,
): PointerHandlers {
  const eventAt = (x: number): number => player.view.eventAt(placeAt(player, x, width));
  const chosen = (strip: HTMLElement, x: number): Range | null => {
    const from = strip.dataset['choice'];
    if (from === undefined) return null;
    const ends = [Number(from), eventAt(x)];
    return { first: Math.min(...ends), last: Math.max(...ends) };
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      const strip = event.currentTarget;
      strip.setPointerCapture(event.pointerId);
      const at = where(event, strip);
      const mark = markAt(player, at, width);
      if (event.shiftKey) strip.dataset['choice'] = String(mark?.n ?? eventAt(at.x));
      else if (mark !== null) void toMark(player, mark);
      else player.scrub(eventAt(at.x));
    },
    onPointerMove: (event) => {
      const strip = event.currentTarget;
      const at = where(event, strip);
      setHover(at);
      if ((event.buttons & 1) === 0) return;
      const choice = chosen(strip, at.x);
      if (choice === null) player.scrub(eventAt(at.x));
      else setChoice(choice);
    },
    onPointerUp: (event) => {
      const strip = event.currentTarget;
      const choice = chosen(strip, where(event, strip).x);
      delete strip.dataset['choice'];
      setChoice(null);
      if (choice !== null) player.view.setFocus(choice.first < choice.last ? choice : null);
    },
    onPointerLeave: () => {
      setHover(null);
    },
  };
}

/** Half as much for each notch of a usual wheel. */
const ZOOM = Math.LN2 / 100;

/** The wheel looks closer and further off; across, or with Shift, it moves along. */
export function useWheel(
  player: PlayerStore,
  box: RefObject<HTMLElement | null>,
  width: number,
): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const across = event.shiftKey ? event.deltaX + event.deltaY : event.deltaX;
      const inner = Math.max(1, width - 2 * PAD);
      if (Math.abs(across) > Math.abs(event.deltaY) || event.shiftKey) {
        player.view.pan(across / inner);
        return;
      }
      const { left } = element.getBoundingClientRect();
      const at = Math.min(1, Math.max(0, (event.clientX - left - PAD) / inner));
      player.view.zoom(at, Math.exp(event.deltaY * ZOOM));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', wheel);
    };
  }, [player, box, width]);
}
