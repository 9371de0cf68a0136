/** The bar above every page but the list: the way back to it, where one is, and what the page adds. */
import type { ComponentChildren, JSX } from 'preact';
import type { AppStore } from '../state/app';
import { Link } from './Link';
import { Logo } from './icons';

export interface TopBarProps {
  readonly app: AppStore;
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function TopBar({ app, title, children }: TopBarProps): JSX.Element {
  const home = { page: 'sessions', query: app.sessions.query.value } as const;
  const go = (): void => {
    app.go(home);
  };
  return (
    <header class="bar-top">
      <Link to={home} go={go} class="logo" title="All sessions">
        <Logo size={17} /> rewind
      </Link>
      <nav class="crumb" aria-label="Where you are">
        <Link to={home} go={go}>
          Sessions
        </Link>
        <span aria-hidden="true"> / </span>
        <h1>{title}</h1>
      </nav>
      {children}
    </header>
  );
}
