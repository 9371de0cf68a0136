/** Every event, in order; the current one marked and in view. */
import type { JSX } from 'preact';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import { EventRow, PendingRow } from './EventRow';
import type { PlayerProps } from './PlayerPage';

export const ROW = 20;

export function EventList({ player }: PlayerProps): JSX.Element {
  const { events } = player;
  const { n } = player.cursor.value;
  const { rows } = events.rows.value;
  const current = n === 0 ? null : events.rowOf(n);
  if (player.session.value === null) return <Waiting>Reading the events …</Waiting>;
  if (rows === 0) return <p class="quiet">No events to show.</p>;
  return (
    <>
      {events.failed.value && <p class="quiet">Some events could not be read.</p>}
      <VirtualList
        class="rows"
        role="listbox"
        label="Events"
        rows={rows}
        rowHeight={ROW}
        focus={current}
        look={(from, to) => {
          events.look(from, to);
        }}
        render={(row) => {
          const event = events.inRow(row);
          if (event === undefined) return <PendingRow key={row} />;
          const place = { at: row + 1, of: rows };
          return (
            <EventRow
              key={row}
              player={player}
              event={event}
              current={event.n === n}
              place={place}
            />
          );
        }}
      />
    </>
  );
}
