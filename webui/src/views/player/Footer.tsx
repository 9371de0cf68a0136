/** What the recording is worth: whole or not, what was withheld, what it cost, on what it was made. */
import type { JSX } from 'preact';
import { count, counted, duration } from '../../replay/format';
import type { SessionDetail } from '../../api/types';
import type { AppStore } from '../../state/app';
import { Link } from '../Link';
import type { PlayerProps } from './PlayerPage';

export function Footer({ app, player }: PlayerProps & { readonly app: AppStore }): JSX.Element {
  const session = player.session.value;
  if (session === null) return <footer class="bar-bottom" />;
  const { recording, first_event: first, dropped, redacted } = session;
  const reports = recording.reports?.length ?? 0;
  return (
    <footer class="bar-bottom">
      <span>{wholeness(session)}</span>
      {first > 1 && <span>the first {counted(first - 1, 'event')} were let go</span>}
      {redacted > 0 && <span>redacted {counted(redacted, 'value')}</span>}
      {recording.id !== undefined && (
        <Link
          to={{ page: 'recording', id: recording.id }}
          go={(to) => {
            app.go(to);
          }}
          title="What was recorded of each module"
        >
          {reports > 0 ? counted(reports, 'report') : 'modules'}
        </Link>
      )}
      {costOf(session)}
      <span class="aside ell">
        {[commitOf(session), pythonOf(session), recording.platform].filter(Boolean).join(' · ')}
      </span>
    </footer>
  );

  function wholeness({ status }: SessionDetail): string {
    if (status === 'running') return `recording · ${count(dropped)} dropped`;
    if (dropped > 0) return `recording not whole · ${count(dropped)} dropped`;
    return status === 'crashed'
      ? 'whole up to the crash · 0 dropped'
      : 'recording whole · 0 dropped';
  }
}

function costOf({ recording }: SessionDetail): JSX.Element | null {
  const ns = recording.cost?.probe_ns ?? null;
  return !ns ? null : <span>cost {duration(ns)} in probes</span>;
}

function commitOf({ recording }: SessionDetail): string {
  return recording.git_commit ? recording.git_commit.slice(0, 7) : '';
}

function pythonOf({ recording }: SessionDetail): string {
  return recording.python ? `Python ${recording.python}` : '';
}
