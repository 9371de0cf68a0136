/** A link within the page: a real address, opened without loading anything anew. */
import type { ComponentChildren, JSX } from 'preact';
import { formatPlace, type Place } from '../replay/place';

export interface LinkProps {
  readonly to: Place;
  readonly go: (place: Place) => void;
  readonly class?: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Link({ to, go, children, ...rest }: LinkProps): JSX.Element {
  const open = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={formatPlace(to)} onClick={open} {...rest}>
      {children}
    </a>
  );
}
