/**
 * The calls of a session as the timeline knows them: which of them are open, and a function's calls in
 * their order.
 */
import type { Span } from '../api/types';

export interface CallPlace {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  readonly previous: Span | null;
  readonly next: Span | null;
}

/** Where the call that opened `frame` stands among all calls of its function. */
export function callPlace(spans: readonly Span[], frame: number): CallPlace | null {
  const own = spans.find((span) => span.frame === frame);
  if (own === undefined) return null;
  const calls = new Map<number, Span>();
  for (const span of spans) {
    if (span.function === own.function && !calls.has(span.frame)) calls.set(span.frame, span);
  }
  const ordered = [...calls.values()].sort((a, b) => a.first - b.first);
  const at = ordered.findIndex((span) => span.frame === frame);
  return {
    index: at + 1,
    count: ordered.length,
    previous: ordered[at - 1] ?? null,
    next: ordered[at + 1] ?? null,
  };
}

/** In the order in which they began, an outer call before those within it. */
export function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => a.first - b.first || a.depth - b.depth);
}

export function holds(span: Span, n: number): boolean {
  return span.first <= n && n <= span.last;
}
