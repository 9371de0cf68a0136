/** The watched expressions with what they are worth at the cursor, and a box for another one. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Watch } from '../../api/types';
import { count } from '../../replay/format';
import { tagOf, treeLines, type TreeLine } from '../../replay/tree';
import { turned } from '../../replay/turned';
import { useWayBack } from '../focus';
import { CaretIcon, CloseIcon } from '../icons';
import type { PlayerProps } from './PlayerPage';

export const WATCH_BOX = 'watch-box';

export function Watches({ player }: PlayerProps): JSX.Element {
  const { watches } = player;
  const known = new Map(watches.values.value.map((watch) => [watch.expression, watch]));
  const expressions = watches.expressions.value;
  return (
    <div class="watches" role="region" aria-label="Watch">
      <h2 class="pane-title">
        Watch
        {watches.failed.value && <span role="alert">could not be read</span>}
      </h2>
      {expressions.length > 0 && (
        <ul class="watch-list">
          {expressions.map((expression) => (
            <WatchItem
              key={expression}
              expression={expression}
              watch={known.get(expression)}
              remove={() => {
                watches.remove(expression);
              }}
            />
          ))}
        </ul>
      )}
      <NewWatch player={player} />
    </div>
  );
}

function NewWatch({ player }: PlayerProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const { came, leave } = useWayBack();
  const add = (event: Event): void => {
    event.preventDefault();
    if (input.current === null) return;
    player.watches.add(input.current.value);
    input.current.value = '';
  };
  return (
    <form class="watch-new" onSubmit={add}>
      <input
        ref={input}
        id={WATCH_BOX}
        aria-label="Watch an expression"
        placeholder="+ expression"
        spellcheck={false}
        autocomplete="off"
        onFocus={came}
        onKeyDown={(event) => {
          if (event.key === 'Escape') leave(event.currentTarget);
        }}
      />
    </form>
  );
}

interface WatchItemProps {
  readonly expression: string;
  /** Undefined until its first answer is here. */
  readonly watch: Watch | undefined;
  readonly remove: () => void;
}

function WatchItem({ expression, watch, remove }: WatchItemProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const tree = watch?.tree ?? { text: watch?.text ?? '', type: '' };
  const [whole, ...parts] = treeLines(expression, tree, open);
  const turn = (path: string): void => {
    setOpen(turned(open, path));
  };
  return (
    <li data-watch={expression} class={watch?.changed ? 'changed' : ''}>
      {whole && (
        <div class="variable">
          <Name line={whole} turn={turn} />
          <Value watch={watch} />
          <span class="tags">
            <Marks watch={watch} />
            <button
              type="button"
              class="textual dim"
              aria-label={`Watch ${expression} no longer`}
              onClick={remove}
            >
              <CloseIcon size={11} />
            </button>
          </span>
        </div>
      )}
      {parts.map((line) => (
        <div key={line.path} class="variable part">
          <Name line={line} turn={turn} />
          <span class="value ell" title={line.tree.text}>
            {line.tree.text}
          </span>
          <span />
        </div>
      ))}
    </li>
  );
}

function Value({ watch }: { readonly watch: Watch | undefined }): JSX.Element {
  if (watch?.problem !== undefined) {
    return (
      <span class="value ell dim" title={watch.problem}>
        — {watch.problem}
      </span>
    );
  }
  return (
    <span class="value ell" title={`${watch?.text ?? ''}\n${watch?.tree?.type ?? ''}`}>
      {watch?.text ?? '…'}
    </span>
  );
}

function Marks({ watch }: { readonly watch: Watch | undefined }): JSX.Element {
  const tag = watch?.tree && tagOf(watch.tree);
  return (
    <>
      {tag && <span class={`tag ${tag.tone}`}>{tag.text}</span>}
      {watch?.since !== undefined && (
        <span class="tag" title="What became of it since was too long ago to be looked up">
          as of {count(watch.since)}
        </span>
      )}
      {typeof watch?.previous === 'string' && (
        <span class="tag ell was" title={`was ${watch.previous}`}>
          was {watch.previous}
        </span>
      )}
    </>
  );
}

interface NameProps {
  readonly line: TreeLine;
  readonly turn: (path: string) => void;
}

function Name({ line, turn }: NameProps): JSX.Element {
  const { path, name, depth, folds, open } = line;
  return (
    <span class="name" style={{ paddingLeft: `${depth * 14}px` }}>
      {folds ? (
        <button
          type="button"
          class={`fold ${open ? 'open' : ''}`}
          aria-expanded={open}
          aria-label={`${open ? 'Fold' : 'Unfold'} ${name}`}
          onClick={() => {
            turn(path);
          }}
        >
          <CaretIcon size={9} />
        </button>
      ) : (
        <i class="no-fold" />
      )}
      <span class="ell" title={name}>
        {name}
      </span>
    </span>
  );
}
