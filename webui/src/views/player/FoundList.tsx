/** What the search found, each a link to its moment. */
import type { JSX } from 'preact';
import { count } from '../../replay/format';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import { ROW } from './EventList';
import { EventRow } from './EventRow';
import type { PlayerProps } from './PlayerPage';

export function FoundList({ player }: PlayerProps): JSX.Element {
  const { results, looked, failed } = player.find;
  const found = results.value;
  const { n } = player.cursor.value;
  if (found === null) return <Waiting>Looking …</Waiting>;
  const over = looked.value === null;
  return (
    <>
      {failed.value && (
        <p class="quiet error-text" role="alert">
          Not all events could be looked through.
        </p>
      )}
      {found.length === 0 && over && !failed.value && <p class="quiet">No event matches.</p>}
      {found.length > 0 && (
        <VirtualList
          class="rows"
          role="listbox"
          label="Found events"
          rows={found.length}
          rowHeight={ROW}
          render={(row) => {
            const event = found[row];
            const current = event?.n === n;
            return (
              event && <EventRow key={event.n} player={player} event={event} current={current} />
            );
          }}
        />
      )}
      {looked.value !== null && (
        <p class="quiet waiting" role="status">
          Looking … <span aria-hidden="true">up to event {count(looked.value)}</span>
        </p>
      )}
    </>
  );
}
