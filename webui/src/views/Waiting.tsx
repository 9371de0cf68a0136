/** What stands where something is on its way: seen once that takes longer than a moment. */
import type { JSX } from 'preact';

export function Waiting({ children }: { readonly children: string }): JSX.Element {
  return (
    <p class="quiet waiting" role="status">
      {children}
    </p>
  );
}
