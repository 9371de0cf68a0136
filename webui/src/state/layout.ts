/** How large the panes are, and which are open; the browser remembers it. */
import { signal, type Signal } from '@preact/signals';

/** Keeps short texts between visits. */
export interface Memory {
  read(key: string): string | null;
  write(key: string, text: string): void;
}

/** Two are as wide as they are told to be, the others as high. */
export type PaneName = 'where' | 'why' | 'stack' | 'history' | 'print';

export interface PaneBounds {
  readonly least: number;
  readonly most: number;
}

const WIDTHS: PaneBounds = { least: 180, most: 720 };
const HEIGHTS: PaneBounds = { least: 80, most: 900 };

export const BOUNDS: Readonly<Record<PaneName, PaneBounds>> = {
  where: WIDTHS,
  why: WIDTHS,
  stack: HEIGHTS,
  history: HEIGHTS,
  print: HEIGHTS,
};

/** In pixels; null: as high as it needs to be. */
const PLAIN: Readonly<Record<PaneName, number | null>> = {
  where: 320,
  why: 372,
  stack: null,
  history: null,
  print: null,
};

const LANES = 'rewind.lanes';

export class LayoutStore {
  /** In pixels; the page gives less where it has less. Null is for the page to say. */
  readonly sizes: Readonly<Record<PaneName, Signal<number | null>>>;
  /** Whether the lanes of a family are shown. */
  readonly lanes: Signal<boolean>;
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.lanes = signal(memory.read(LANES) !== 'no');
    this.sizes = {
      where: signal(this.#read('where')),
      why: signal(this.#read('why')),
      stack: signal(this.#read('stack')),
      history: signal(this.#read('history')),
      print: signal(this.#read('print')),
    };
  }

  setSize(pane: PaneName, size: number): void {
    const { least, most } = BOUNDS[pane];
    const fitting = Math.round(Math.min(most, Math.max(least, size)));
    this.sizes[pane].value = fitting;
    this.#memory.write(keyOf(pane), String(fitting));
  }

  turnLanes(): void {
    this.lanes.value = !this.lanes.value;
    this.#memory.write(LANES, this.lanes.value ? 'yes' : 'no');
  }

  /** As it was before anybody changed it. */
  reset(pane: PaneName): void {
    this.sizes[pane].value = PLAIN[pane];
    this.#memory.write(keyOf(pane), '');
  }

  #read(pane: PaneName): number | null {
    const size = Number(this.#memory.read(keyOf(pane)) ?? Number.NaN);
    const { least, most } = BOUNDS[pane];
    return size >= least && size <= most ? size : PLAIN[pane];
  }
}

/** The browser's own storage; where it is closed, nothing is remembered. */
export function browserMemory(): Memory {
  return {
    read(key) {
      try {
        return window.localStorage.getItem(key);
      } catch {
        return null;
      }
    },
    write(key, text) {
      try {
        window.localStorage.setItem(key, text);
      } catch {
        // It is full or forbidden: the panes stay as they are until the page is left.
      }
    },
  };
}

function keyOf(pane: PaneName): string {
  return `rewind.pane.${pane}`;
}
