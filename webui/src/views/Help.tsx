/** The keys of a page, over it. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { CloseIcon } from './icons';
import type { KeyHelp } from './keyboard';

export interface HelpProps {
  readonly keys: readonly KeyHelp[];
  /** Whether it is open. */
  readonly open: Signal<boolean>;
}

export function Help({ keys, open }: HelpProps): JSX.Element | null {
  return open.value ? <Sheet keys={keys} open={open} /> : null;
}

function Sheet({ keys, open }: HelpProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    // What had the focus has it again, which the browser sees to.
    return () => {
      dialog?.close();
    };
  }, []);
  const close = (): void => {
    open.value = false;
  };
  return (
    <dialog ref={box} class="help" aria-label="Keys" onClose={close} onClick={close}>
      <h2>
        Keys
        <button type="button" class="textual" aria-label="Close the keys" title="Close  Esc">
          <CloseIcon size={12} />
        </button>
      </h2>
      <dl>
        {keys.map(({ keys: names, does }) => (
          <div key={does}>
            <dt>
              {names.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
