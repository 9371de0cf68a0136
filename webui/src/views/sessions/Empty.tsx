/** What stands where no sessions are: how to make one, or that none matches. */
import type { JSX } from 'preact';

export function Empty({ query }: { readonly query: string }): JSX.Element {
  if (query !== '') {
    return (
      <div class="card message">
        <h2>No session matches</h2>
        <p class="dim">
          Words that are understood: <code>status:error</code> <code>kind:test</code>{' '}
          <code>function:pay</code> <code>module:shop.cart</code> <code>last:24h</code>; anything
          else is looked for in what ran.
        </p>
      </div>
    );
  }
  return (
    <div class="card message">
      <h2>Nothing was recorded yet</h2>
      <p class="dim">Run a program under Rewind; it appears here while it runs.</p>
      <pre>rewind run app.py</pre>
    </div>
  );
}
