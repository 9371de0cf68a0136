/** The edge of a pane: dragged, or moved by the arrow keys; two clicks put it back. */
import type { CSSProperties, JSX } from 'preact';
import { BOUNDS, type LayoutStore, type PaneName } from '../../state/layout';

interface SplitterProps {
  readonly layout: LayoutStore;
  readonly pane: PaneName;
  readonly label: string;
}

interface Edge {
  readonly upright: boolean;
  /** Whether the pane lies before the edge: its width or height grows with the place of the edge. */
  readonly before: boolean;
}

const EDGES: Readonly<Record<PaneName, Edge>> = {
  where: { upright: true, before: true },
  why: { upright: true, before: false },
  stack: { upright: false, before: true },
  history: { upright: false, before: false },
  print: { upright: false, before: false },
};

const KEY_STEP = 16;

/** What the arrow keys do to the edge's place. */
const STEPS = {
  upright: { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP },
  level: { ArrowUp: -KEY_STEP, ArrowDown: KEY_STEP },
};

/** The size of a pane whose edge lies at that place of the page; within its parent. */
function sizeAt({ upright, before }: Edge, edge: HTMLElement, x: number, y: number): number {
  const box = (edge.parentElement ?? edge).getBoundingClientRect();
  if (upright) return before ? x - box.left : box.right - x;
  return before ? y - box.top : box.bottom - y;
}

function heightAround(edge: HTMLElement): number {
  return (edge.parentElement ?? edge).getBoundingClientRect().height;
}

export function Splitter({ layout, pane, label }: SplitterProps): JSX.Element {
  const edge = EDGES[pane];
  const { upright, before } = edge;
  const { least, most } = BOUNDS[pane];
  return (
    <div
      class={`splitter at-${pane} ${upright ? '' : 'level'}`}
      role="separator"
      aria-label={label}
      aria-orientation={upright ? 'vertical' : 'horizontal'}
      aria-valuenow={layout.sizes[pane].value ?? least}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => {
        // Nothing is selected or dragged away along with it.
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const { currentTarget, clientX, clientY, pointerId } = event;
        if (!currentTarget.hasPointerCapture(pointerId)) return;
        layout.setSize(pane, sizeAt(edge, currentTarget, clientX, clientY));
      }}
      onDblClick={() => {
        layout.reset(pane);
      }}
      onKeyDown={(event) => {
        const steps: Readonly<Record<string, number>> = upright ? STEPS.upright : STEPS.level;
        const by = steps[event.key];
        if (by === undefined) return;
        event.preventDefault();
        // The player's keys step.
        event.stopPropagation();
        // What has no size yet is as high as it needs to be.
        const size = layout.sizes[pane].peek() ?? heightAround(event.currentTarget);
        layout.setSize(pane, size + (before ? by : -by));
      }}
    />
  );
}

/** The height that the reader gave a pane, as its style. */
export function heightOf(layout: LayoutStore, pane: PaneName): CSSProperties {
  const height = layout.sizes[pane].value;
  return height === null ? {} : { flex: 'none', height: `${height}px`, maxHeight: '75%' };
}
