/**
 * A recorded value as lines that can be unfolded, and the words for what was left out of it.
 */
import type { ValueTree } from '../api/types';
import { count } from './format';

export interface TreeLine {
  /** Names from the root down, joined by a character that stands in no name. */
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly tree: ValueTree;
  readonly folds: boolean;
  readonly open: boolean;
}

const JOINT = '\u0000';

/** The lines of a value: itself, and below every path in `open` its children. */
export function treeLines(name: string, tree: ValueTree, open: ReadonlySet<string>): TreeLine[] {
  const lines: TreeLine[] = [];
  const walk = (at: string, name: string, tree: ValueTree, depth: number): void => {
    const folds = (tree.children?.length ?? 0) > 0;
    const isOpen = folds && open.has(at);
    lines.push({ path: at, name, depth, tree, folds, open: isOpen });
    if (!isOpen) return;
    tree.children?.forEach((child, i) => {
      walk(`${at}${JOINT}${i}${JOINT}${child.name}`, child.name, child.tree, depth + 1);
    });
  };
  walk(name, name, tree, 0);
  return lines;
}

export interface Tag {
  readonly text: string;
  readonly tone: 'redacted' | 'cut' | 'plain';
}

/** The tag of a value that is not whole: `by name`, `cut: items · 50 of 1,204`. */
export function tagOf(tree: ValueTree): Tag | null {
  const { note } = tree;
  if (note === undefined) return null;
  if (note.startsWith('redacted')) {
    return { text: note.replace(/^redacted:?\s*/, '') || 'redacted', tone: 'redacted' };
  }
  if (!note.startsWith('cut')) return { text: note, tone: 'plain' };
  return { text: [note, ...sizeOf(tree)].join(' · '), tone: 'cut' };
}

/** How much there was, and of it is here, where that is known. */
function sizeOf({ size, children }: ValueTree): string[] {
  if (size === undefined) return [];
  return [children === undefined ? count(size) : `${count(children.length)} of ${count(size)}`];
}

export function isRedacted(tree: ValueTree): boolean {
  return tree.note?.startsWith('redacted') ?? false;
}
