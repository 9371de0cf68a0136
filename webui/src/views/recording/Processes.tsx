/** What ran: the recording's facts, and its processes below those that started them. */
import type { JSX } from 'preact';
import type { RecordingDetail } from '../../api/types';
import { count, duration, started } from '../../replay/format';
import { processTree, type ProcessRow } from '../../replay/processes';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';

interface ProcessesProps {
  readonly app: AppStore;
  readonly facts: RecordingDetail;
}

export function Processes({ app, facts }: ProcessesProps): JSX.Element {
  const { id = '', python, platform, host, service, git_commit: commit, cwd } = facts;
  const where = [host, service, cwd, commit?.slice(0, 7), python && `Python ${python}`, platform];
  return (
    <>
      <h2 class="report-name mono">{facts.name ?? facts.argv?.join(' ')}</h2>
      <p class="dim">
        {started(facts.start, new Date())} · {where.filter(Boolean).join(' · ')} ·{' '}
        <Link
          to={{ page: 'sessions', query: `recording:${id}` }}
          go={(to) => {
            app.go(to);
          }}
          class="textual"
        >
          its sessions
        </Link>
      </p>
      <div class="card report" role="table" aria-label="Processes" tabIndex={0}>
        {processTree(facts.processes).map((row, i) => (
          <ProcessLine key={i} row={row} />
        ))}
      </div>
    </>
  );
}

const TONE = { running: 'live', ended: '', died: 'err' } as const;

function ProcessLine({ row: { process, level } }: { readonly row: ProcessRow }): JSX.Element {
  const { status, argv, events, duration_ns: took, core } = process;
  return (
    <div class="rrow process" role="row" data-process={process.process}>
      <span role="cell">
        <i class={`chip ${TONE[status]}`}>{status}</i>
      </span>
      <span
        role="cell"
        class="mono ell"
        title={argv.join(' ')}
        style={{ paddingLeft: `${level * 20}px` }}
      >
        {process.process} {argv.join(' ')}
      </span>
      <span role="cell" class="dim num">
        {count(events)} events{took !== null && ` · ${duration(took)}`}
        {core !== null && ` · ${core} core`}
      </span>
    </div>
  );
}
