/** Above the list, once sessions are chosen: what can be done to them. */
import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { count, counted } from '../../replay/format';
import type { ChoiceStore } from '../../state/choice';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';
import { useReturn } from '../focus';
import { comparisonOf } from './keys';

export function Chosen({ app }: { readonly app: AppStore }): JSX.Element {
  const { sessions } = app;
  const { choice } = sessions;
  const comparison = comparisonOf(choice.sessions.value);
  const problem = choice.problem.value;
  const box = useRef<HTMLDivElement>(null);
  useReturn(box);
  const deletes = useDoubted(choice.doubting.value);
  return (
    <div ref={box} class="above chosen" role="group" aria-label="Chosen sessions">
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
        <Deeds
          choice={choice}
          changeable={sessions.status.value?.changeable ?? false}
          deletes={deletes}
        />
      )}
      {problem !== null && (
        <span class="error-text ell" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

type Button = RefObject<HTMLButtonElement | null>;

/** The button that asks has the focus again when the question was answered by no. */
function useDoubted(doubting: boolean): Button {
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef(doubting);
  useLayoutEffect(() => {
    if (before.current && !doubting) button.current?.focus();
    before.current = doubting;
  }, [doubting]);
  return button;
}

interface DeedsProps {
  readonly choice: ChoiceStore;
  readonly changeable: boolean;
  readonly deletes: Button;
}

function Deeds({ choice, changeable, deletes }: DeedsProps): JSX.Element {
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
        ref={deletes}
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
  useLayoutEffect(() => {
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
