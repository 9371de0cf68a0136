/** The variables of the chosen frame; what this event changed is marked, what was withheld says so. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Moment, Variable } from '../../api/types';
import { count } from '../../replay/format';
import { sharedIn, type Holders } from '../../replay/same';
import { isRedacted, tagOf, treeLines, type TreeLine } from '../../replay/tree';
import { turned } from '../../replay/turned';
import { CaretIcon } from '../icons';
import type { PlayerProps } from './PlayerPage';
import { openHistory } from './printing';

interface VariablesProps extends PlayerProps {
  readonly moment: Moment;
}

export function Variables({ player, moment }: VariablesProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const turn = (path: string): void => {
    setOpen(turned(open, path));
  };
  const history = (variable: string): void => {
    openHistory(player, variable);
  };
  const shared = useMemo(() => sharedIn(moment.variables), [moment.variables]);
  if (moment.variables.length === 0) return <p class="quiet">None is written yet.</p>;
  return (
    <div class="variables" role="tree" aria-label="Variables">
      {moment.variables.map((variable) =>
        treeLines(variable.name, variable.tree, open).map((line) => (
          <VariableLine
            key={line.path}
            line={line}
            variable={line.depth === 0 ? variable : null}
            shared={shared}
            turn={turn}
            history={history}
          />
        )),
      )}
    </div>
  );
}

interface VariableLineProps {
  readonly line: TreeLine;
  /** The variable itself, null for a part of it. */
  readonly variable: Variable | null;
  readonly shared: Holders;
  readonly turn: (path: string) => void;
  readonly history: (variable: string) => void;
}

function VariableLine(props: VariableLineProps): JSX.Element {
  const { line, variable, shared } = props;
  const { depth, tree, folds, open } = line;
  const withheld = isRedacted(tree);
  return (
    <div
      class={`variable ${variable?.changed ? 'changed' : ''}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={folds ? open : undefined}
      data-variable={variable?.name}
    >
      <Name {...props} />
      <span class={`value ell ${withheld ? 'dim' : ''}`} title={`${tree.text}\n${tree.type}`}>
        {withheld ? 'redacted' : tree.text}
      </span>
      <Tags line={line} variable={variable} shared={shared} />
    </div>
  );
}

/** Unfolds what has parts; a variable's name opens its history. */
function Name({ line, variable, turn, history }: VariableLineProps): JSX.Element {
  const { path, name, depth, folds, open } = line;
  const press = (): void => {
    if (variable !== null) history(variable.name);
    else if (folds) turn(path);
  };
  return (
    <span class="name" style={{ paddingLeft: `${depth * 14}px` }}>
      {folds ? (
        <button
          type="button"
          class={`fold ${open ? 'open' : ''}`}
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
      <button
        type="button"
        class="textual ell"
        title={variable ? `All values of ${name}\n${changesOf(variable)}` : name}
        onClick={press}
      >
        {name}
      </button>
    </span>
  );
}

/** When it became what it is. */
function changesOf({ n, last_change: last }: Variable): string {
  const changed = `last changed at event ${count(last)}`;
  return last === n ? changed : `${changed}, bound at ${count(n)}`;
}

type TagsProps = Pick<VariableLineProps, 'line' | 'variable' | 'shared'>;

function Tags({ line, variable, shared }: TagsProps): JSX.Element {
  const tag = tagOf(line.tree);
  const places = line.tree.id === undefined ? undefined : shared.get(line.tree.id);
  const was = variable?.changed ? variable.previous : null;
  return (
    <span class="tags">
      {places && (
        <span class="tag" title={`One object: ${places.join(', ')}`}>
          same object ×{places.length}
        </span>
      )}
      {tag && <span class={`tag ${tag.tone}`}>{tag.text}</span>}
      {typeof variable?.since === 'number' && (
        <span class="tag" title="What became of it since is not known">
          as of {count(variable.since)}
        </span>
      )}
      {was !== null && (
        <span class="tag ell was" title={`was ${was}`}>
          was {was}
        </span>
      )}
    </span>
  );
}
