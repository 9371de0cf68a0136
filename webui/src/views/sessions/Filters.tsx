/** The search box and the chips beside it; a chip writes its word into the box. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { SESSION_KEYS, parseWords, setWord } from '../../replay/query';
import type { SessionsStore } from '../../state/sessions';
import { Menu, type Choice } from '../Menu';
import { SearchBox } from '../SearchBox';

const ANY: Choice = { value: '', text: 'any' };

const STATUSES: readonly Choice[] = [
  ANY,
  ...['running', 'completed', 'error', 'crashed'].map((value) => ({ value, text: value })),
];

const PERIODS: readonly Choice[] = [
  { value: '', text: 'any time' },
  { value: '15m', text: '15 min' },
  { value: '1h', text: '1 h' },
  { value: '24h', text: '24 h' },
  { value: '7d', text: '7 days' },
];

export function Filters({ sessions }: { readonly sessions: SessionsStore }): JSX.Element {
  const asked = sessions.query.value;
  const [draft, setDraft] = useState({ asked, text: asked });
  if (draft.asked !== asked) setDraft({ asked, text: asked });
  const type = (text: string): void => {
    setDraft({ asked, text });
    sessions.type(text);
  };
  const { keys } = parseWords(draft.text, SESSION_KEYS);
  const chip = (key: 'status' | 'kind' | 'last', choices: readonly Choice[]): JSX.Element => (
    <Menu
      label={key}
      value={keys.get(key) ?? ''}
      choices={choices}
      chosen={(value) => {
        type(setWord(draft.text, key, value === '' ? null : value));
      }}
    />
  );
  const kinds = [ANY, ...sessions.kinds.value.map((value) => ({ value, text: value }))];
  return (
    <div class="filters" role="search">
      <SearchBox
        label="Search sessions"
        placeholder="status:error function:checkout tag:status=500 …"
        value={draft.text}
        typed={type}
      />
      {chip('status', STATUSES)}
      {chip('kind', kinds)}
      {chip('last', PERIODS)}
    </div>
  );
}
