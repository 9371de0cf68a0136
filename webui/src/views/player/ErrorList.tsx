/** The exceptions of the session, each a link to its moment. */
import type { JSX } from 'preact';
import { count, counted } from '../../replay/format';
import { momentAddress } from '../../replay/place';
import { knowsExceptions, totalOf } from '../../replay/timeline';
import { VirtualList } from '../VirtualList';
import { ROW } from './EventList';
import type { PlayerProps } from './PlayerPage';

export function ErrorList({ player }: PlayerProps): JSX.Element {
  const timeline = player.timeline.value;
  const { exceptions } = timeline;
  const { n } = player.cursor.value;
  if (exceptions.length === 0) return <p class="quiet">No exception was raised.</p>;
  const at = exceptions.findLastIndex((mark) => mark.n <= n);
  return (
    <>
      {!knowsExceptions(timeline) && (
        <p class="quiet">
          Some of {counted(totalOf(timeline, 'exception'), 'exception event')}; next and previous
          find them all.
        </p>
      )}
      <VirtualList
        class="rows"
        role="listbox"
        label="Exceptions"
        rows={exceptions.length}
        rowHeight={ROW}
        focus={at < 0 ? null : at}
        render={(row) => {
          const mark = exceptions[row];
          if (mark === undefined) return null;
          return (
            <a
              key={row}
              class={`row ${mark.n === n ? 'on' : ''}`}
              role="option"
              aria-selected={mark.n === n}
              href={momentAddress(player.id, mark.n)}
              title={mark.text}
              tabIndex={-1}
              onClick={(event) => {
                event.preventDefault();
                player.jump(mark.n);
              }}
            >
              <span class="n">{count(mark.n)}</span>
              <i class="dot k-exception" />
              <span class="ell">{mark.text}</span>
            </a>
          );
        }}
      />
    </>
  );
}
