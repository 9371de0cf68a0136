/** The variables of the chosen frame; what this event changed is marked, what was withheld says so. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Moment, Variable } from '../../api/types';
import { isRedacted, tagOf, treeLines, type TreeLine } from '../../replay/tree';
import { CaretIcon } from '../icons';
import type { PlayerProps } from './PlayerPage';

interface VariablesProps extends PlayerProps {
  readonly moment: Moment;
}

export function Variables({ player, moment }: VariablesProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const turn = (path: string): void => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };
  const frame = moment.stack.find((one) => one.frame === moment.frame);
  const history = (variable: string): void => {
    if (frame) player.history.open({ variable, function: frame.function });
  };
  if (moment.variables.length === 0) return <p class="quiet">None is written yet.</p>;
  return (
    <div class="variables" role="tree" aria-label="Variables">
      {moment.variables.map((variable) =>
        treeLines(variable.name, variable.tree, open).map((line) => (
          <VariableLine
            key={line.path}
            line={line}
            variable={line.depth === 0 ? variable : null}
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
  readonly turn: (path: string) => void;
  readonly history: (variable: string) => void;
}

function VariableLine(props: VariableLineProps): JSX.Element {
  const { line, variable } = props;
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
      <Tags line={line} variable={variable} />
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
        title={variable ? `All values of ${name}` : name}
        onClick={press}
      >
        {name}
      </button>
    </span>
  );
}

function Tags({ line, variable }: Pick<VariableLineProps, 'line' | 'variable'>): JSX.Element {
  const tag = tagOf(line.tree);
  const was = variable?.changed ? variable.previous : null;
  return (
    <span class="tags">
      {tag && <span class={`tag ${tag.tone}`}>{tag.text}</span>}
      {was !== null && (
        <span class="tag ell was" title={`was ${was}`}>
          was {was}
        </span>
      )}
    </span>
  );
}
