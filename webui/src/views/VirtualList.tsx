/**
 * A list of any length of which only the visible rows exist.
 *
 * The rows lie in a layer that sticks to the viewport, so that scrolling never shows a blank. The list
 * moves by itself only when `focus` changes.
 */
import type { ComponentChildren, JSX } from 'preact';
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
import { useSize } from './size';

export interface VirtualListProps {
  readonly rows: number;
  readonly rowHeight: number;
  readonly render: (row: number) => ComponentChildren;
  /** The row to bring into view whenever it changes. */
  readonly focus?: number | null;
  /** Told which rows are on the screen. */
  readonly look?: (from: number, to: number) => void;
  readonly scrolled?: (top: number) => void;
  readonly class?: string;
  readonly role?: 'listbox' | 'list' | 'tree' | 'rowgroup' | 'presentation';
  readonly label?: string;
}

export function VirtualList(props: VirtualListProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const { height: viewport } = useSize(box);
  const [top, setTop] = useState(0);
  const geometry: Geometry = { rows: props.rows, rowHeight: props.rowHeight, viewport };
  const { from, to } = visibleRows(geometry, top);
  const { look } = props;
  const moveTo = (wanted: number): void => {
    if (box.current) box.current.scrollTop = scrollFor(geometry, wanted);
    setTop(wanted);
  };
  useFocus(props.focus ?? null, geometry, top, moveTo);
  useLayoutEffect(() => {
    if (to > from) look?.(from, to);
  });
  useScaledWheel(box, geometry, top, moveTo);
  const scroll = (): void => {
    const now = topRow(geometry, box.current?.scrollTop ?? 0);
    // In scale one pixel is many rows: a scroll of our own must not round the row away.
    if (
      !isScaled(geometry) ||
      Math.abs(scrollFor(geometry, top) - (box.current?.scrollTop ?? 0)) > 1
    )
      setTop(now);
    props.scrolled?.(now);
  };
  const offset = (from - top) * props.rowHeight;
  return (
    <div
      ref={box}
      class={`vlist ${props.class ?? ''}`}
      role={props.role ?? 'list'}
      aria-label={props.label}
      tabIndex={0}
      onScroll={scroll}
    >
      <div
        class="vlist-space"
        style={{ height: `${spacerHeight(geometry)}px` }}
        role="presentation"
      >
        <div class="vlist-layer" style={{ height: `${viewport}px` }} role="presentation">
          <div style={{ transform: `translateY(${offset}px)` }} role="presentation">
            {range(from, to).map(props.render)}
          </div>
        </div>
      </div>
    </div>
  );
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
  useLayoutEffect(() => {
    if (focus === null || !ready) return;
    const wanted = reveal(geometry, top, focus);
    if (wanted !== top) moveTo(wanted);
    // Where the reader scrolled to in between is theirs: only a new focus moves the list.
  }, [focus, ready]);
}

function useScaledWheel(
  box: { readonly current: HTMLElement | null },
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
