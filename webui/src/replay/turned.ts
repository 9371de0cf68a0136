/** What a reader turns on and off one by one: open branches, chosen rows, hidden kinds. */

/** The set with that member where it had not got it, and without it where it had. */
export function turned<T>(set: ReadonlySet<T>, member: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
