/**
 * The keys of a list of which only the visible rows exist: up and down go from row to row, and the row that
 * is reached has the focus, with what of it can be pressed.
 */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Window } from '../replay/virtual';

export interface RowsShown {
  readonly rows: number;
  /** How many fit on the screen. */
  readonly fit: number;
  readonly seen: Window;
  /** The row that is the current one, whatever has the focus. */
  readonly current: number | null;
  readonly reveal: (row: number) => void;
}

export interface RowKeys {
  /** The row that the focus is in; null while it is elsewhere. */
  readonly reached: number | null;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
  readonly onFocusOut: (event: FocusEvent) => void;
}

type Box = RefObject<HTMLElement | null>;

/** @param layer holds the rows that exist. */
export function useRowKeys(box: Box, layer: Box, shown: RowsShown): RowKeys {
  const { rows, seen, current } = shown;
  const [reached, setReached] = useState<number | null>(null);
  const wanted = useRef(false);
  useLayoutEffect(() => {
    if (reached === null || !(wanted.current || isNowhere())) return;
    // What is on its way takes the focus as soon as it is there; meanwhile, and where the row was scrolled
    // away under the focus, the list has it.
    const row = pressable(layer.current?.children[reached - seen.from]);
    (row ?? box.current)?.focus({ preventScroll: true });
    wanted.current &&= row === null;
  });
  return {
    reached,
    onKeyDown: (event) => {
      const by = stepOf(event, shown.fit);
      if (by === 0 || rows === 0) return;
      event.preventDefault();
      event.stopPropagation();
      const row = Math.min(rows - 1, Math.max(0, (reached ?? current ?? -1) + by));
      wanted.current = true;
      setReached(row);
      shown.reveal(row);
    },
    onFocusIn: ({ target }) => {
      const children = [...(layer.current?.children ?? [])];
      const at = children.findIndex((row) => target instanceof Node && row.contains(target));
      if (at >= 0) setReached(seen.from + at);
    },
    onFocusOut: ({ target, relatedTarget }) => {
      if (relatedTarget instanceof Node && box.current?.contains(relatedTarget)) return;
      // Whether the reader has left, or what had the focus is taken away, is seen once that is over.
      setTimeout(() => {
        const left = target instanceof Node && target.isConnected;
        if (left && document.activeElement !== target) setReached(null);
      });
    },
  };
}

/** How many rows a key goes on; 0 of a key that is none of the list's. */
function stepOf(event: KeyboardEvent, fit: number): number {
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return 0;
  const page = Math.max(1, Math.floor(fit) - 1);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
  };
  return steps[event.key] ?? 0;
}

function pressable(row: Element | undefined): HTMLElement | null {
  if (row instanceof HTMLElement && row.matches('a, button')) return row;
  return row?.querySelector<HTMLElement>('a, button') ?? null;
}

function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
