/** Two sessions side by side: what their variables are worth, and how their parting is told. */
import type { Comparison, Difference, Moment, Pair, ValueTree } from '../api/types';
import { counted } from './format';

export const BEGIN: Pair = { n: 1, with_n: 1 };

export interface VariablePair {
  readonly name: string;
  /** What it is worth in each session; null where it is not there. */
  readonly one: string | null;
  readonly other: string | null;
  readonly same: boolean;
}

/** The variables of two moments by name, those that are not the same first. */
export function variablePairs(one: Moment | null, other: Moment | null): VariablePair[] {
  const [mine, theirs] = [byName(one), byName(other)];
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  const pairs = [...names].map((name) => {
    const [left, right] = [mine.get(name), theirs.get(name)];
    const same = left !== undefined && right !== undefined && saysTheSame(left, right);
    return { name, one: left?.text ?? null, other: right?.text ?? null, same };
  });
  return [...pairs.filter(({ same }) => !same), ...pairs.filter(({ same }) => same)];
}

/** Whether two values say the same, whichever objects they were. */
export function saysTheSame(one: ValueTree, other: ValueTree): boolean {
  const [mine, theirs] = [one.children ?? [], other.children ?? []];
  return (
    one.text === other.text &&
    one.type === other.type &&
    one.size === other.size &&
    one.note === other.note &&
    mine.length === theirs.length &&
    mine.every((child, i) => {
      const match = theirs[i];
      return match?.name === child.name && saysTheSame(child.tree, match.tree);
    })
  );
}

/** What was found, in a sentence. */
export function sentenceOf(
  { difference }: Pick<Comparison, 'difference'>,
  same: number,
  fromBeginning: boolean,
): string {
  const which = fromBeginning ? 'The first' : 'The next';
  const alike =
    same === 1
      ? `${which} event says the same.`
      : `${which} ${counted(same, 'event')} say the same.`;
  if (difference === null) {
    return fromBeginning
      ? `All ${counted(same, 'event')} say the same.`
      : `${alike} Then both end.`;
  }
  const parting = partingOf(difference);
  return same === 0
    ? parting
    : `${alike} Then ${parting.charAt(0).toLowerCase()}${parting.slice(1)}`;
}

function partingOf({ what, n }: Difference): string {
  if (what === 'value') return 'The same step tells another value.';
  if (what === 'step') return 'They take different steps.';
  return `The ${n === null ? 'first' : 'second'} session has no more events.`;
}

function byName(moment: Moment | null): ReadonlyMap<string, ValueTree> {
  return new Map((moment?.variables ?? []).map(({ name, tree }) => [name, tree]));
}
