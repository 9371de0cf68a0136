/** A search box that `/` reaches from anywhere on the page and Escape leaves. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useWayBack } from './focus';
import { isTyping } from './keyboard';
import { SearchIcon } from './icons';

export interface SearchBoxProps {
  readonly value: string;
  readonly placeholder: string;
  readonly label: string;
  readonly typed: (text: string) => void;
  readonly entered?: () => void;
}

export function SearchBox(props: SearchBoxProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  // Before the first paint: a key may be pressed as soon as the page is seen.
  useLayoutEffect(() => {
    const reach = (event: KeyboardEvent): void => {
      if (event.key !== '/' || isTyping(event)) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener('keydown', reach);
    return () => {
      document.removeEventListener('keydown', reach);
    };
  }, []);
  const { came, leave } = useWayBack();
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') props.entered?.();
    if (event.key !== 'Escape') return;
    if (props.value === '' && input.current !== null) leave(input.current);
    props.typed('');
  };
  return (
    <label class="find">
      <SearchIcon size={14} />
      <input
        ref={input}
        type="search"
        value={props.value}
        placeholder={props.placeholder}
        aria-label={props.label}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          props.typed(event.currentTarget.value);
        }}
        onFocus={came}
        onKeyDown={key}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
