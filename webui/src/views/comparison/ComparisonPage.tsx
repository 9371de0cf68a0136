/** Two sessions side by side, where they first say something different. */
import type { JSX } from 'preact';
import { BEGIN, sentenceOf } from '../../replay/comparison';
import { count } from '../../replay/format';
import type { AppStore } from '../../state/app';
import type { ComparisonStore, Parting } from '../../state/comparison';
import { Help } from '../Help';
import { Lost } from '../Lost';
import { TopBar } from '../TopBar';
import { useKeys, type KeyBinding } from '../keyboard';
import { ComparedVariables } from './ComparedVariables';
import { SideCard } from './SideCard';

interface ComparisonProps {
  readonly app: AppStore;
  readonly comparison: ComparisonStore;
}

const KEYS: readonly KeyBinding<ComparisonStore>[] = [
  {
    keys: ['n'],
    does: 'next difference',
    act: (comparison) => {
      comparison.next();
    },
  },
  {
    keys: ['Home'],
    does: 'first difference',
    act: (comparison) => {
      comparison.first();
    },
  },
  {
    keys: ['?'],
    does: 'this list',
    act: ({ help }) => {
      help.value = !help.value;
    },
  },
  {
    keys: ['Esc'],
    does: 'close',
    act: ({ help }) => {
      help.value = false;
    },
  },
];

export function ComparisonPage({ app, comparison }: ComparisonProps): JSX.Element {
  useKeys(KEYS, comparison);
  const problem = comparison.problem.value;
  if (problem !== null) {
    const retry = (): void => void comparison.look(BEGIN);
    return (
      <Lost
        app={app}
        title="The sessions cannot be compared"
        detail={problem.message}
        {...(problem.status === 404 || problem.status === 400 ? {} : { retry })}
      />
    );
  }
  const parting = comparison.parting.value;
  const sessions = comparison.sessions.value;
  return (
    <div class="page sessions-page" aria-busy={parting === null}>
      <TopBar app={app} title="Where two sessions differ" />
      <main class="wrap comparison">
        <Found comparison={comparison} parting={parting} />
        <div class="sides">
          {sessions?.map((session, i) => (
            <SideCard
              key={i}
              app={app}
              session={session}
              label={i === 0 ? 'First session' : 'Second session'}
              side={parting?.sides[i] ?? null}
              at={(i === 0 ? parting?.difference?.n : parting?.difference?.with_n) ?? null}
              joins={joinsOf(parting, i)}
            />
          ))}
        </div>
        {parting?.difference && <ComparedVariables sides={parting.sides} />}
      </main>
      <Help keys={KEYS} open={comparison.help} />
    </div>
  );
}

/** Where they take the same steps again, if they did not all the time. */
function joinsOf(parting: Parting | null, side: number): number | null {
  const { what, joins } = parting?.difference ?? {};
  if (what !== 'step' || !joins) return null;
  return side === 0 ? joins.n : joins.with_n;
}

interface FoundProps {
  readonly comparison: ComparisonStore;
  readonly parting: Parting | null;
}

function Found({ comparison, parting }: FoundProps): JSX.Element {
  if (parting === null) {
    return (
      <p class="found-difference dim" role="status">
        Comparing …{' '}
        <span aria-hidden="true">{count(comparison.looked.value)} events say the same so far.</span>
      </p>
    );
  }
  const fromBeginning = parting.from.n === 1 && parting.from.with_n === 1;
  return (
    <div class="found-difference">
      <p role="status">{sentenceOf(parting, parting.same, fromBeginning)}</p>
      {!fromBeginning && (
        <button
          type="button"
          class="pill"
          onClick={() => {
            comparison.first();
          }}
        >
          first difference
        </button>
      )}
      {parting.difference && (
        <button
          type="button"
          class="pill"
          disabled={parting.difference.joins === null}
          title={
            parting.difference.joins === null
              ? 'They take no steps together any more, as far as was looked'
              : 'From where both take the same steps again'
          }
          onClick={() => {
            comparison.next();
          }}
        >
          next difference
        </button>
      )}
    </div>
  );
}
