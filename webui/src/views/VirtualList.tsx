/**
 * A list of any length of which only the visible rows exist.
 *
 * The rows lie in a layer that sticks to the viewport, so that scrolling never shows a blank. The list
 * moves by itself only when `focus` changes, or the keys reach another row.
 */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  isScaled,
  reveal,
  scrollFor,
  spacerHeight,
  topRow,
  visibleRows,
  type Geometry,
} from '../replay/virtual';
import { useRowKeys } from './rowKeys';
import { useSize } from './size';

export interface VirtualListProps {
  readonly rows: number;
  readonly rowHeight: number;
  /** `reached`: the keys are at that row, and what can be pressed in it is in their way. */
  readonly render: (row: number, reached: boolean) => ComponentChildren;
  /** The row to bring into view whenever it changes. */
  readonly focus?: number | null;
  /** Told which rows are on the screen. */
  readonly look?: (from: number, to: number) => void;
  readonly scrolled?: (top: number) => void;
  readonly class?: string;
  readonly role?: 'listbox' | 'list' | 'tree' | 'rowgroup' | 'presentation';
  readonly label?: string;
  /** Whether up and down go from row to row; else they scroll, or are the page's. */
  readonly byKeys?: boolean;
}

export function VirtualList(props: VirtualListProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const { geometry, top, leaving, scroll, moveTo } = useScrolling(box, props);
  const { from, to } = visibleRows(geometry, top);
  const { look, focus: current = null, byKeys = true } = props;
  const { reached, ...keys } = useRowKeys(box, layer, {
    rows: props.rows,
    fit: geometry.viewport / props.rowHeight,
    seen: { from, to },
    current,
    reveal: (row) => {
      const wanted = reveal(geometry, top, row);
      if (wanted !== top) moveTo(wanted);
    },
  });
  useLayoutEffect(() => {
    // Before its size is known, and on the way to the focus, nobody looks at what stands there.
    if (geometry.viewport > 0 && to > from && !leaving.current) look?.(from, to);
  });
  const offset = (from - top) * props.rowHeight;
  return (
    <div
      ref={box}
      class={`vlist ${props.class ?? ''}`}
      role={props.role ?? 'list'}
      aria-label={props.label}
      tabIndex={0}
      onScroll={scroll}
      {...(byKeys ? keys : {})}
    >
      <div
        class="vlist-space"
        style={{ height: `${spacerHeight(geometry)}px` }}
        role="presentation"
      >
        <div class="vlist-layer" style={{ height: `${geometry.viewport}px` }} role="presentation">
          <div ref={layer} style={{ transform: `translateY(${offset}px)` }} role="presentation">
            {range(from, to).map((row) => props.render(row, row === (reached ?? current)))}
          </div>
        </div>
      </div>
    </div>
  );
}

type Box = RefObject<HTMLDivElement | null>;

interface Scrolling {
  readonly geometry: Geometry;
  /** The row at the top, with its fraction. */
  readonly top: number;
  /** Whether other rows are about to be shown, in the next rendering. */
  readonly leaving: RefObject<boolean>;
  readonly scroll: () => void;
  /** Brings a row to the top. */
  readonly moveTo: (top: number) => void;
}

function useScrolling(box: Box, props: VirtualListProps): Scrolling {
  const { height: viewport } = useSize(box);
  const [top, setTop] = useState(0);
  const leaving = useRef(false);
  leaving.current = false;
  const geometry: Geometry = { rows: props.rows, rowHeight: props.rowHeight, viewport };
  const moveTo = (wanted: number): void => {
    if (box.current) box.current.scrollTop = scrollFor(geometry, wanted);
    leaving.current = true;
    setTop(wanted);
  };
  useFocus(props.focus ?? null, geometry, top, moveTo);
  useScaledWheel(box, geometry, top, moveTo);
  const scroll = (): void => {
    const at = box.current?.scrollTop ?? 0;
    // In scale one pixel is many rows: a scroll of our own must not round the row away.
    const ours = isScaled(geometry) && Math.abs(scrollFor(geometry, top) - at) <= 1;
    if (!ours) setTop(topRow(geometry, at));
    props.scrolled?.(topRow(geometry, at));
  };
  return { geometry, top, leaving, scroll, moveTo };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function useFocus(
  focus: number | null,
  geometry: Geometry,
  top: number,
  moveTo: (top: number) => void,
): void {
  const ready = geometry.viewport > 0 && geometry.rows > 0;
  const seen = useRef({ focus, geometry });
  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = { focus, geometry };
    if (focus === null || !ready) return;
    // Where the reader scrolled to in between is theirs: a new focus moves the list, and a change of its
    // height only if the focus was in view.
    if (before.focus === focus && before.geometry.viewport > 0) {
      const { from, to } = visibleRows(before.geometry, top);
      if (focus < from || focus >= to) return;
    }
    const wanted = reveal(geometry, top, focus);
    if (wanted !== top) moveTo(wanted);
  }, [focus, ready, geometry.viewport]);
}

function useScaledWheel(
  box: Box,
  geometry: Geometry,
  top: number,
  moveTo: (top: number) => void,
): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || !isScaled(geometry)) return undefined;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const most = topRow(geometry, Infinity);
      moveTo(Math.min(most, Math.max(0, top + event.deltaY / geometry.rowHeight)));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', wheel);
    };
  });
}
