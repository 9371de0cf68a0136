/** Above the list, once sessions are chosen: what can be done to them. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { count, counted } from '../../replay/format';
import type { ChoiceStore } from '../../state/choice';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';
import { comparisonOf } from './keys';

export function Chosen({ app }: { readonly app: AppStore }): JSX.Element {
  const { sessions } = app;
  const { choice } = sessions;
  const comparison = comparisonOf(choice.sessions.value);
  const problem = choice.problem.value;
  return (
    <div class="above chosen" role="group" aria-label="Chosen sessions">
      <span role="status">{count(choice.sessions.value.length)} chosen</span>
      {comparison !== null && !choice.doubting.value && (
        <Link
          to={comparison}
          go={(to) => {
            app.go(to);
          }}
          class="pill"
          title="Where their events first differ"
        >
          compare
        </Link>
      )}
      {choice.doubting.value ? (
        <Doubt choice={choice} />
      ) : (
        <Deeds choice={choice} changeable={sessions.status.value?.changeable ?? false} />
      )}
      {problem !== null && (
        <span class="error-text ell" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

interface DeedsProps {
  readonly choice: ChoiceStore;
  readonly changeable: boolean;
}

function Deeds({ choice, changeable }: DeedsProps): JSX.Element {
  const { sessions, removable, busy } = choice;
  const pinned = sessions.value.every((session) => session.pinned);
  const why = changeable ? undefined : 'An exported file is only read';
  return (
    <>
      <button
        type="button"
        class="pill"
        disabled={busy.value || !changeable}
        title={why ?? 'Whether it stays, whatever the bounds of the database say'}
        onClick={() => void choice.pin(!pinned)}
      >
        {pinned ? 'let go' : 'pin'}
      </button>
      <button
        type="button"
        class="pill"
        disabled={busy.value || !changeable || removable.value.length === 0}
        title={why ?? 'What runs or is pinned stays'}
        onClick={() => {
          choice.doubting.value = true;
        }}
      >
        delete…
      </button>
      <button
        type="button"
        class="textual"
        onClick={() => {
          choice.clear();
        }}
      >
        choose none
      </button>
    </>
  );
}

function Doubt({ choice }: { readonly choice: ChoiceStore }): JSX.Element {
  const box = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    box.current?.focus();
  }, []);
  const doomed = choice.removable.value;
  const events = doomed.reduce((sum, session) => sum + session.events, 0);
  const spared = choice.sessions.value.length - doomed.length;
  return (
    <>
      <span>
        Delete {counted(doomed.length, 'session')} with {counted(events, 'event')} for good?
        {spared > 0 && ` ${count(spared)} that run or are pinned stay.`}
      </span>
      <button type="button" class="pill danger" onClick={() => void choice.remove()}>
        delete
      </button>
      <button
        ref={box}
        type="button"
        class="pill"
        onClick={() => {
          choice.doubting.value = false;
        }}
      >
        keep
      </button>
    </>
  );
}
