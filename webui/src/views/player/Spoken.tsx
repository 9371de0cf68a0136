/** What those who hear the page are told: where the cursor has come to rest. Nobody hears every step of a run. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { count } from '../../replay/format';
import { labelOf } from '../../replay/labels';
import type { PlayerProps } from './PlayerPage';

const REST_MS = 600;

export function Spoken({ player }: PlayerProps): JSX.Element {
  const [said, say] = useState('');
  const { n, follow } = player.cursor.value;
  const moment = player.moments.shown.value;
  const moves = player.playback.playing.value || (follow && player.running.value);
  const event = moment?.n === n && !moves ? moment.event : null;
  useEffect(() => {
    if (event === null) return undefined;
    const timer = setTimeout(() => {
      say(`event ${count(event.n)}, line ${event.line}: ${labelOf(event)}`);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [event]);
  return (
    <p class="heard" role="status">
      {said}
    </p>
  );
}
