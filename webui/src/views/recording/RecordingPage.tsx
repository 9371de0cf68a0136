/** A recording: its processes, what it has of the modules that were asked for, what it lacks and why. */
import type { JSX } from 'preact';
import type { Instrumentation, ModuleReport } from '../../api/types';
import { count, counted } from '../../replay/format';
import type { AppStore } from '../../state/app';
import type { RecordingStore } from '../../state/recording';
import { Lost } from '../Lost';
import { TopBar } from '../TopBar';
import { Waiting } from '../Waiting';
import { Processes } from './Processes';

interface RecordingProps {
  readonly app: AppStore;
  readonly recording: RecordingStore;
}

export function RecordingPage({ app, recording }: RecordingProps): JSX.Element {
  const told = recording.told.value;
  const facts = recording.facts.value;
  const problem = recording.problem.value;
  if (told === null && problem !== null) {
    const retry = (): void => void recording.read();
    return (
      <Lost
        app={app}
        title="The recording cannot be read"
        detail={problem.message}
        {...(problem.status === 404 ? {} : { retry })}
      />
    );
  }
  return (
    <div class="page sessions-page" aria-busy={told === null}>
      <TopBar app={app} title="Recording" />
      <main class="wrap recording">
        {told === null && <Waiting>Reading the recording …</Waiting>}
        {facts && <Processes app={app} facts={facts} />}
        {told && <Told told={told} />}
      </main>
    </div>
  );
}

const STATUS = { recorded: 'recorded', part: 'in part', not: 'not recorded' } as const;

function Told({ told }: { readonly told: Instrumentation }): JSX.Element {
  const { modules, counts, faults, replacements } = told;
  if (modules.length + faults.length + replacements.length === 0) {
    return <p class="quiet">No module was asked for.</p>;
  }
  return (
    <>
      <p class="report-sum dim">
        {counted(counts.recorded, 'module')} recorded · {count(counts.part)} in part ·{' '}
        {count(counts.not)} not
      </p>
      <div class="card report" role="table" aria-label="Modules" tabIndex={0}>
        {[...modules].sort(worstFirst).map((module) => (
          <Module key={`${module.name} ${module.path ?? ''}`} module={module} />
        ))}
        {faults.map(({ function: name, why }) => (
          <Row key={`fault ${name}`} tone="err" status="turned off" name={name} why={why} />
        ))}
        {replacements.map(({ program, why }) => (
          <Row key={`by ${program}`} tone="err" status="not recorded" name={program} why={why} />
        ))}
      </div>
    </>
  );
}

const RANK = { not: 0, part: 1, recorded: 2 } as const;

function worstFirst(a: ModuleReport, b: ModuleReport): number {
  return RANK[a.status] - RANK[b.status] || (a.name < b.name ? -1 : 1);
}

function Module({ module }: { readonly module: ModuleReport }): JSX.Element {
  const { name, path, status, why, gaps } = module;
  return (
    <>
      <Row
        tone={status === 'recorded' ? '' : 'warn'}
        status={STATUS[status]}
        name={name}
        why={why ?? path ?? ''}
      />
      {gaps.map(({ line, why: reason }) => (
        <Row key={line} tone="" status="" name={`line ${line}`} why={reason} />
      ))}
    </>
  );
}

interface RowProps {
  readonly tone: '' | 'warn' | 'err';
  readonly status: string;
  readonly name: string;
  readonly why: string;
}

function Row({ tone, status, name, why }: RowProps): JSX.Element {
  return (
    <div class="rrow" role="row" data-module={name}>
      <span role="cell">{status && <i class={`chip ${tone}`}>{status}</i>}</span>
      <span role="cell" class="mono ell" title={name}>
        {name}
      </span>
      <span role="cell" class="dim">
        {why}
      </span>
    </div>
  );
}
