/**
 * The calls of a session as the timeline knows them: which of them are open, and a function's calls in
 * their order.
 */
import type { Hits, Span } from '../api/types';

/** Where the call that opened `frame` stands among all calls of its function. */
export function callPlace(spans: readonly Span[], frame: number): Hits | null {
  const own = spans.find((span) => span.frame === frame);
  if (own === undefined) return null;
  const calls = new Map<number, Span>();
  for (const span of spans) {
    if (span.function === own.function && !calls.has(span.frame)) calls.set(span.frame, span);
  }
  const ordered = [...calls.values()].sort((a, b) => a.first - b.first);
  const at = ordered.findIndex((span) => span.frame === frame);
  return {
    at: at + 1,
    hits: ordered.length,
    previous: ordered[at - 1]?.first ?? null,
    next: ordered[at + 1]?.first ?? null,
  };
}

/** In the order in which they began, an outer call before those within it. */
export function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => a.first - b.first || a.depth - b.depth);
}

export function holds(span: Span, n: number): boolean {
  return span.first <= n && n <= span.last;
}
