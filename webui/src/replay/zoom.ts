/**
 * Which part of the timeline is seen, as fractions of the whole strip, and how it moves.
 */

export interface View {
  readonly from: number;
  readonly to: number;
}

export const WHOLE: View = { from: 0, to: 1 };

/** Closer than this there is nothing more to be told apart. */
const SMALLEST = 1e-7;

/** The view drawn closer (a factor below 1) or further off, `at` (0 to 1 within it) staying where it is. */
export function zoomed(view: View, at: number, factor: number): View {
  const width = view.to - view.from;
  const wanted = Math.min(1, Math.max(SMALLEST, width * factor));
  return placed(view.from + at * (width - wanted), wanted);
}

/** The view moved by that share of its own width. */
export function panned(view: View, by: number): View {
  const width = view.to - view.from;
  return placed(view.from + by * width, width);
}

/** The view that has a place in it, moved as little as that takes. */
export function holding(view: View, place: number): View {
  const width = view.to - view.from;
  if (place >= view.from && place <= view.to) return view;
  return placed(place - width / 2, width);
}

/** The view of a range, with some room at its sides. */
export function around(from: number, to: number): View {
  const width = Math.min(1, Math.max(SMALLEST, (to - from) * 1.1));
  return placed((from + to - width) / 2, width);
}

export function isWhole(view: View): boolean {
  return view.from <= 0 && view.to >= 1;
}

/** Where a place of the strip lies in the view: 0 at its left end, 1 at its right one. */
export function shareOf(view: View, place: number): number {
  return (place - view.from) / (view.to - view.from);
}

/** The opposite of `shareOf`. */
export function placeOfShare(view: View, share: number): number {
  return view.from + share * (view.to - view.from);
}

function placed(from: number, width: number): View {
  const left = Math.min(1 - width, Math.max(0, from));
  return { from: left, to: left + width };
}
