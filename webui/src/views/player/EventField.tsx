/** The number of the cursor's event, and a field: another number written there is gone to. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../replay/format';
import { useWayBack } from '../focus';
import type { PlayerProps } from './PlayerPage';

export const EVENT_BOX = 'event-box';

export function EventField({ player }: PlayerProps): JSX.Element {
  const { n, last } = player.cursor.value;
  /** What is being written; null while nobody writes. */
  const [draft, setDraft] = useState<string | null>(null);
  const { came, leave } = useWayBack();
  return (
    <input
      id={EVENT_BOX}
      class="event-field"
      aria-label="Event number"
      title="Go to an event by its number  g"
      inputMode="numeric"
      autocomplete="off"
      value={draft ?? count(n)}
      style={{ '--digits': count(last).length }}
      onFocus={(event) => {
        came(event);
        setDraft(String(n));
        event.currentTarget.value = String(n);
        event.currentTarget.select();
      }}
      onBlur={() => {
        setDraft(null);
      }}
      onInput={(event) => {
        setDraft(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        const { currentTarget: field, key } = event;
        const wanted = numberIn(field.value);
        if (key === 'Enter' && wanted !== null) player.jump(wanted);
        if (key === 'Enter' || key === 'Escape') leave(field);
      }}
    />
  );
}

/** A number as people write it, with or without marks between thousands. */
function numberIn(text: string): number | null {
  const digits = text.replace(/[\s,._']/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
