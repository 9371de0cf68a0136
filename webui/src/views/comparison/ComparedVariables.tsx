/** The variables where two sessions part, those that are not the same first. */
import type { JSX } from 'preact';
import { variablePairs } from '../../replay/comparison';
import type { Side } from '../../state/comparison';

export function ComparedVariables(props: { readonly sides: readonly [Side, Side] }): JSX.Element {
  const [one, other] = props.sides;
  const pairs = variablePairs(one.moment, other.moment);
  if (pairs.length === 0) return <p class="quiet">No variable is written in these frames yet.</p>;
  return (
    <table class="card compared" aria-label="Variables">
      <thead>
        <tr>
          <th scope="col">Variable</th>
          <th scope="col">First session</th>
          <th scope="col">Second session</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(({ name, one: left, other: right, same }) => (
          <tr key={name} class={same ? 'alike' : 'differs'} data-variable={name}>
            <th scope="row">{name}</th>
            <td>{left ?? <span class="dim">not there</span>}</td>
            <td>
              {same ? (
                <span class="dim">the same</span>
              ) : (
                (right ?? <span class="dim">not there</span>)
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
