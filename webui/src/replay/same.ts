/** Which values of a frame are one and the same object, and not merely equal. */
import type { ValueTree, Variable } from '../api/types';

/** Where each object is held, by its identity: `items`, `order.lines`. */
export type Holders = ReadonlyMap<number, readonly string[]>;

/** The objects that are held more than once. */
export function sharedIn(variables: readonly Pick<Variable, 'name' | 'tree'>[]): Holders {
  const held = new Map<number, string[]>();
  const walk = (path: string, { id, children }: ValueTree): void => {
    if (id !== undefined) held.set(id, [...(held.get(id) ?? []), path]);
    children?.forEach(({ name, tree }) => {
      walk(/^\d+$/.test(name) ? `${path}[${name}]` : `${path}.${name}`, tree);
    });
  };
  variables.forEach(({ name, tree }) => {
    walk(name, tree);
  });
  return new Map([...held].filter(([, places]) => places.length > 1));
}
