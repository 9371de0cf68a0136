/** What the search found, each a link to its moment. */
import type { JSX } from 'preact';
import { count } from '../../replay/format';
import { VirtualList } from '../VirtualList';
import { ROW } from './EventList';
import { EventRow } from './EventRow';
import type { PlayerProps } from './PlayerPage';

export function FoundList({ player }: PlayerProps): JSX.Element {
  const { results, looked } = player.find;
  const found = results.value;
  const { n } = player.cursor.value;
  if (looked.value !== null)
    return (
      <p class="quiet" role="status">
        Looking … up to event {count(looked.value)}
      </p>
    );
  if (found === null) return <p class="quiet">Looking …</p>;
  if (found.length === 0) return <p class="quiet">No event matches.</p>;
  return (
    <VirtualList
      class="rows"
      role="listbox"
      label="Found events"
      rows={found.length}
      rowHeight={ROW}
      render={(row) => {
        const event = found[row];
        return (
          event && <EventRow key={event.n} player={player} event={event} current={event.n === n} />
        );
      }}
    />
  );
}
