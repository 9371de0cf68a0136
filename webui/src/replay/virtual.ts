/**
 * The geometry of a list of which only the visible rows exist.
 *
 * Browsers cap an element's height at some 30 million pixels, less than two million rows. Above `TALLEST`
 * the scroll bar stands for the whole in scale, and the wheel is translated into rows.
 */

export const TALLEST = 8_000_000;

export interface Geometry {
  readonly rows: number;
  readonly rowHeight: number;
  readonly viewport: number;
}

export interface Window {
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

export function spacerHeight(g: Geometry): number {
  return Math.min(g.rows * g.rowHeight, TALLEST);
}

export function isScaled(g: Geometry): boolean {
  return g.rows * g.rowHeight > TALLEST;
}

/** The row, with its fraction, at the top of the viewport. */
export function topRow(g: Geometry, scrollTop: number): number {
  return Math.min(lastTop(g), Math.max(0, scrollTop / pixelsARow(g)));
}

/** The opposite of `topRow`. */
export function scrollFor(g: Geometry, top: number): number {
  return Math.min(lastTop(g), Math.max(0, top)) * pixelsARow(g);
}

export function visibleRows(g: Geometry, top: number): Window {
  const from = Math.max(0, Math.floor(top));
  return { from, to: Math.min(g.rows, Math.ceil(top + g.viewport / g.rowHeight) + 1) };
}

/**
 * The nearest top, a whole row, that shows `row` with some rows around it; from far away, one that shows
 * it in the middle.
 */
export function reveal(g: Geometry, top: number, row: number): number {
  const fits = g.viewport / g.rowHeight;
  const margin = Math.min(MARGIN, Math.max(0, (fits - 1) / 2));
  const [low, high] = [row + 1 + margin - fits, row - margin];
  if (top >= low && top <= high) return top;
  const far = top < low - fits || top > high + fits;
  const wanted = far ? row - fits / 2 : top < low ? low : high;
  return Math.min(
    lastTop(g),
    Math.max(0, top < low && !far ? Math.ceil(wanted) : Math.floor(wanted)),
  );
}

const MARGIN = 6;

function lastTop(g: Geometry): number {
  return Math.max(0, g.rows - g.viewport / g.rowHeight);
}

/** How far the list is scrolled for a row to go by: its height, unless the bar is in scale. */
function pixelsARow(g: Geometry): number {
  return isScaled(g) ? (TALLEST - g.viewport) / lastTop(g) : g.rowHeight;
}
