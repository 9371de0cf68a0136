/** Looks for words in the source that is shown: the browser's own search sees no line that is off the screen. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { count } from '../../replay/format';
import type { SeekStore } from '../../state/seek';
import { useReturn } from '../focus';
import { CloseIcon } from '../icons';

interface SeekBoxProps {
  readonly seek: SeekStore;
  /** The line from which on it looks. */
  readonly line: number;
}

export function SeekBox(props: SeekBoxProps): JSX.Element | null {
  useSeekKey(props.seek);
  return props.seek.open.value ? <Opened {...props} /> : null;
}

function Opened({ seek, line }: SeekBoxProps): JSX.Element {
  const box = useRef<HTMLFormElement>(null);
  useReturn(box);
  return (
    <form
      ref={box}
      class="seek"
      role="search"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        seek.close();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        seek.go(1);
      }}
    >
      <label class="find">
        <span>find in file</span>
        <Words seek={seek} line={line} />
        <Place seek={seek} />
      </label>
      <button
        type="button"
        class="textual"
        aria-label="Close the search"
        title="Close  Esc"
        onClick={() => {
          seek.close();
        }}
      >
        <CloseIcon size={12} />
      </button>
    </form>
  );
}

function Words({ seek, line }: SeekBoxProps): JSX.Element {
  const box = useRef<HTMLInputElement>(null);
  // At once: what is typed next goes into it, and not to the page's keys.
  useLayoutEffect(() => {
    box.current?.select();
  }, []);
  return (
    <input
      ref={box}
      value={seek.words.value}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => {
        seek.look(event.currentTarget.value, line);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !event.shiftKey) return;
        event.preventDefault();
        seek.go(-1);
      }}
    />
  );
}

/** Which of how many places is gone to. */
function Place({ seek }: { readonly seek: SeekStore }): JSX.Element {
  const { length } = seek.hits.value;
  const place = length === 0 ? 'none' : `${count(seek.at.value + 1)} of ${count(length)}`;
  return (
    <span class="dim" role="status">
      {seek.words.value !== '' && place}
    </span>
  );
}

/** Ctrl F opens it; pressed in it, it is the browser's. */
function useSeekKey(seek: SeekStore): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 'f' || seek.open.peek()) return;
      event.preventDefault();
      seek.open.value = true;
    };
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('keydown', press);
    };
  }, [seek]);
}
