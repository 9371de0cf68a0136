/** An event in one line: its number, its kind's colour, what it says. A link to its moment. */
import type { JSX } from 'preact';
import type { RecordedEvent } from '../../api/types';
import { count } from '../../replay/format';
import { familyOf } from '../../replay/kinds';
import { labelOf } from '../../replay/labels';
import { momentAddress } from '../../replay/place';
import type { PlayerStore } from '../../state/player';

export interface EventRowProps {
  readonly player: PlayerStore;
  readonly event: RecordedEvent;
  readonly current: boolean;
  readonly place?: { readonly at: number; readonly of: number };
}

export function EventRow({ player, event, current, place }: EventRowProps): JSX.Element {
  const label = labelOf(event);
  const go = (click: MouseEvent): void => {
    if (click.ctrlKey || click.metaKey || click.shiftKey) return;
    click.preventDefault();
    player.jump(event.n);
  };
  return (
    <a
      class={`row ${current ? 'on' : ''}`}
      role="option"
      aria-selected={current}
      aria-posinset={place?.at}
      aria-setsize={place?.of}
      aria-label={`${event.kind}, ${count(event.n)} ${label}`}
      data-n={event.n}
      href={momentAddress(player.id, event.n)}
      title={`${label}\n${event.function} · line ${event.line}`}
      tabIndex={-1}
      onClick={go}
    >
      {/* The space makes two words of it for those who hear the page. */}
      <span class="n">{count(event.n)}</span> <i class={`dot k-${familyOf(event.kind)}`} />
      <span class="ell">{label}</span>
    </a>
  );
}

/** A row that is on its way. */
export function PendingRow(): JSX.Element {
  return <div class="row pending" aria-hidden="true" />;
}
