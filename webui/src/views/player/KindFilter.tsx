/** Which kinds the event list shows. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../../replay/format';
import { FAMILIES, countFamilies, type Family } from '../../replay/kinds';
import type { PlayerProps } from './PlayerPage';

const NAMES: Readonly<Record<Family, string>> = {
  call: 'calls',
  return: 'returns',
  variable: 'variables',
  branch: 'branches',
  loop: 'loops',
  exception: 'exceptions',
  outside: 'others',
};

export function KindFilter({ player }: PlayerProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useOutside(box, open, setOpen);
  const hidden = player.events.hidden.value;
  return (
    <div
      ref={box}
      class="kinds"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class={`pill ${hidden.size > 0 ? 'on' : ''}`}
        aria-label={hidden.size === 0 ? 'Kinds shown' : `Kinds shown: ${counts(hidden)}`}
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {hidden.size === 0 ? 'kinds' : counts(hidden)}
      </button>
      {open && <Choices player={player} />}
    </div>
  );
}

/** Whoever goes on elsewhere, by pointer or keys, closes it. */
function useOutside(
  box: RefObject<HTMLElement | null>,
  open: boolean,
  setOpen: (open: boolean) => void,
): void {
  useEffect(() => {
    if (!open) return undefined;
    const leave = ({ target }: Event): void => {
      if (!(target instanceof Node && box.current?.contains(target))) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [box, open, setOpen]);
}

function counts(hidden: ReadonlySet<Family>): string {
  return `${FAMILIES.length - hidden.size} of ${FAMILIES.length}`;
}

function Choices({ player }: PlayerProps): JSX.Element {
  const { events, view } = player;
  const totals = new Map<Family, number>();
  for (const bucket of view.told.value.buckets) {
    for (const [family, found] of countFamilies(bucket.kinds)) {
      totals.set(family, (totals.get(family) ?? 0) + found);
    }
  }
  return (
    <div class="kind-menu" role="group" aria-label="Kinds">
      {FAMILIES.filter((family) => totals.has(family)).map((family) => (
        <label key={family}>
          <input
            type="checkbox"
            checked={!events.hidden.value.has(family)}
            onChange={() => {
              events.turn(family);
            }}
          />
          <i class={`dot k-${family}`} aria-hidden="true" />
          {NAMES[family]}
          <span class="dim">{count(totals.get(family) ?? 0)}</span>
        </label>
      ))}
      <button
        type="button"
        class="textual"
        onClick={() => {
          events.showAll();
        }}
      >
        show all
      </button>
    </div>
  );
}
