/** The keys, over the page. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { KEY_BINDINGS, OTHER_KEYS } from '../keys';
import type { PlayerProps } from './PlayerPage';

export function Help({ player }: PlayerProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  const close = (): void => {
    player.help.value = false;
  };
  return (
    <dialog ref={box} class="help" aria-label="Keys" onClose={close} onClick={close}>
      <h2>Keys</h2>
      <dl>
        {[...KEY_BINDINGS, ...OTHER_KEYS].map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
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
