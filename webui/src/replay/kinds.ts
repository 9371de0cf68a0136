/**
 * The kinds of event and the families they are shown in: one colour a family, everywhere on the page.
 */

export const FAMILIES = [
  'call',
  'return',
  'variable',
  'branch',
  'loop',
  'exception',
  'outside',
] as const;

export type Family = (typeof FAMILIES)[number];

/** Which recorded kinds a family stands for; a kind that no family names belongs to `outside`. */
const KINDS_OF: Readonly<Record<Family, readonly string[]>> = {
  call: ['call', 'resume'],
  return: ['return', 'yield', 'await'],
  variable: ['variable', 'attribute', 'item', 'mutate', 'delete', 'value'],
  branch: ['branch'],
  loop: ['loop', 'line'],
  exception: ['exception', 'handled'],
  outside: ['note', 'output', 'log', 'sql', 'http', 'redis'],
};

const FAMILY_OF = new Map<string, Family>(
  FAMILIES.flatMap((family) => KINDS_OF[family].map((kind): [string, Family] => [kind, family])),
);

export function familyOf(kind: string): Family {
  return FAMILY_OF.get(kind) ?? 'outside';
}

/** Events a family, of counts a kind. */
export function countFamilies(kinds: Readonly<Record<string, number>>): Map<Family, number> {
  const counts = new Map<Family, number>();
  for (const [kind, count] of Object.entries(kinds)) {
    const family = familyOf(kind);
    counts.set(family, (counts.get(family) ?? 0) + count);
  }
  return counts;
}
