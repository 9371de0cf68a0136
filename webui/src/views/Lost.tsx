/** A page that cannot be shown: says why, and leads back to the list. */
import type { JSX } from 'preact';
import type { AppStore } from '../state/app';
import { Link } from './Link';
import { Logo } from './icons';

export interface LostProps {
  readonly app: AppStore;
  readonly title: string;
  readonly detail: string;
  readonly retry?: () => void;
}

export function Lost({ app, title, detail, retry }: LostProps): JSX.Element {
  return (
    <div class="page lost">
      <header class="bar-top">
        <Link
          to={{ page: 'sessions', query: '' }}
          go={(to) => {
            app.go(to);
          }}
          class="logo"
        >
          <Logo size={17} /> rewind
        </Link>
      </header>
      <main class="message">
        <div role="alert">
          <h1>{title}</h1>
        </div>
        <p class="dim">{detail}</p>
        <p class="actions">
          <Link
            to={{ page: 'sessions', query: '' }}
            go={(to) => {
              app.go(to);
            }}
            class="pill"
          >
            All sessions
          </Link>
          {retry && (
            <button type="button" class="pill" onClick={retry}>
              try again
            </button>
          )}
        </p>
      </main>
    </div>
  );
}
