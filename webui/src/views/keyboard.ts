/** Keys of a page: which one was pressed, and what it does there. */
import { useLayoutEffect } from 'preact/hooks';

export interface KeyHelp {
  /** As `nameOf` writes them. */
  readonly keys: readonly string[];
  readonly does: string;
}

export interface KeyBinding<Store> extends KeyHelp {
  readonly act: (store: Store) => void;
}

/** As long as the page stands, a key does what it stands for; others are left to the browser. */
export function useKeys<Store>(bindings: readonly KeyBinding<Store>[], store: Store): void {
  useLayoutEffect(() => {
    const actions = new Map(bindings.flatMap(({ keys, act }) => keys.map((key) => [key, act])));
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const act = actions.get(nameOf(event));
      if (act === undefined || presses(event)) return;
      event.preventDefault();
      act(store);
    };
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('keydown', press);
    };
  }, [bindings, store]);
}

/** Whether the key goes into a text that the reader is writing. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    (target.matches('input:not([type=checkbox]), textarea, select') || target.isContentEditable)
  );
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
};

function nameOf(event: KeyboardEvent): string {
  const name = NAMES[event.key] ?? event.key;
  return event.shiftKey && event.key.startsWith('Arrow') ? `⇧ ${name}` : name;
}

/** What has the focus is pressed by the key: a button by both of them, a link by one. */
const PRESSED_BY: Readonly<Record<string, string>> = {
  ' ': 'button, input',
  Enter: 'button, input, a',
};

function presses({ key, target }: KeyboardEvent): boolean {
  const pressed = PRESSED_BY[key];
  return pressed !== undefined && target instanceof Element && target.closest(pressed) !== null;
}
