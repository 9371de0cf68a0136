/** Where the focus goes when a part of the page, or a field in it, is left: back to where it was. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** As a part of the page goes with the focus in it, what had the focus before it came has it again. */
export function useReturn(box: RefObject<HTMLElement | null>): void {
  // Asked before anything in it takes the focus.
  const [before] = useState(() => document.activeElement);
  useLayoutEffect(
    () => () => {
      const now = document.activeElement;
      // Elsewhere the reader has put it.
      const elsewhere = now !== null && now !== document.body && !box.current?.contains(now);
      if (!elsewhere) giveBack(before);
    },
    [box, before],
  );
}

export interface WayBack {
  /** The field was reached. */
  readonly came: (event: FocusEvent) => void;
  /** The field is left by a key. */
  readonly leave: (field: HTMLElement) => void;
}

/** Of a field that a key reaches from anywhere, and that is left by one. */
export function useWayBack(): WayBack {
  const before = useRef<EventTarget | null>(null);
  return {
    came: ({ relatedTarget }) => {
      before.current = relatedTarget;
    },
    leave: (field) => {
      field.blur();
      giveBack(before.current);
    },
  };
}

function giveBack(before: EventTarget | null): void {
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
}
