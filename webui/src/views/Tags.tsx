/** Tags of a session, each a link to the sessions that have it too. */
import type { JSX } from 'preact';
import { setWord } from '../replay/query';
import type { AppStore } from '../state/app';
import { Link } from './Link';

export interface TagsProps {
  readonly app: AppStore;
  readonly tags: readonly (readonly [string, unknown])[];
}

export function Tags({ app, tags }: TagsProps): JSX.Element {
  return (
    <>
      {tags.map(([name, value]) => {
        const tag = `${name}=${String(value)}`;
        const to = { page: 'sessions', query: setWord('', 'tag', tag) } as const;
        return (
          <Link
            key={name}
            to={to}
            go={() => {
              app.go(to);
            }}
            class="chip tag ell"
            title={`${tag}: all sessions with this tag`}
          >
            <span class="dim">{name}</span> {String(value)}
          </Link>
        );
      })}
    </>
  );
}
