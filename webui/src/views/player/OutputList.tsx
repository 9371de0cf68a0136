/** What the program printed and logged: what it had said by now, and, pale, what it says later. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PrintedLine } from '../../api/types';
import { count } from '../../replay/format';
import { STREAMS } from '../../replay/output';
import { momentAddress } from '../../replay/place';
import { EMPTY_TIMELINE, totalOf } from '../../replay/timeline';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import { ROW } from './EventList';
import type { PlayerProps } from './PlayerPage';

export function OutputList({ player }: PlayerProps): JSX.Element {
  const { output } = player;
  const { n, last } = player.cursor.value;
  const told = player.view.told.value;
  const focus = player.view.focus.value;
  useEffect(() => {
    void output.need(n);
  }, [output, n, last, told, focus]);
  if (told === EMPTY_TIMELINE) return <Waiting>Reading the output …</Waiting>;
  const lines = output.shown.value;
  const printed = totalOf(told, 'output') + totalOf(told, 'log');
  if (printed === 0)
    return <p class="quiet">Nothing was printed or logged{focus && ' within the focus'}.</p>;
  const latest = latestBegun(lines, n);
  return (
    <>
      <StreamFilter player={player} />
      {output.failed.value && <p class="quiet">Some lines could not be read.</p>}
      {output.hasEarlier.value && (
        <button type="button" class="textual earlier" onClick={() => void output.fromBeginning(n)}>
          earlier lines: from the beginning
        </button>
      )}
      <VirtualList
        class="rows"
        role="listbox"
        label="Output"
        rows={lines.length}
        rowHeight={ROW}
        focus={output.left.value === n ? 0 : latest < 0 ? null : latest}
        look={(_, to) => {
          output.look(to);
        }}
        render={(row) => {
          const line = lines[row];
          if (line === undefined) return null;
          const at = { row, current: row === latest, later: line.n > n, of: lines.length };
          return <LineRow key={row} player={player} line={line} {...at} />;
        }}
      />
    </>
  );
}

/** The row that was begun by last; lines stand in the order in which they ended. */
function latestBegun(lines: readonly PrintedLine[], n: number): number {
  let latest = -1;
  let begun = 0;
  for (const [row, line] of lines.entries()) {
    if (line.n <= n && line.n >= begun) [latest, begun] = [row, line.n];
  }
  return latest;
}

interface LineRowProps extends PlayerProps {
  readonly line: PrintedLine;
  readonly row: number;
  readonly current: boolean;
  /** It is written after the cursor. */
  readonly later: boolean;
  readonly of: number;
}

function LineRow({ player, line, row, current, later, of }: LineRowProps): JSX.Element {
  const tag = line.level ?? line.stream;
  const alarming = line.level === 'ERROR' || line.level === 'CRITICAL';
  return (
    <a
      class={`row printed ${current ? 'on' : ''} ${later ? 'later' : ''}`}
      role="option"
      aria-selected={current}
      aria-posinset={row + 1}
      aria-setsize={of}
      aria-label={`${tag}, ${count(line.n)} ${line.text}${later ? ', later' : ''}`}
      data-n={line.n}
      data-stream={line.stream}
      href={momentAddress(player.id, line.n)}
      title={`${line.text}\n${tag} · ${line.function} · line ${line.line}`}
      tabIndex={-1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        player.jump(line.n);
      }}
    >
      <span class="n">{count(line.n)}</span> <i class={`dot of-${line.stream}`} />
      {line.level !== null && (
        <i class={`level ${alarming ? 'error-text' : ''}`}>{SHORT[line.level] ?? line.level}</i>
      )}
      <span class="said">{line.text}</span>
    </a>
  );
}

/** Levels, in words that leave room for what was said. */
const SHORT: Readonly<Record<string, string>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

/** Which streams are listed. */
function StreamFilter({ player }: PlayerProps): JSX.Element {
  const { output } = player;
  const logged = totalOf(player.view.told.value, 'log') > 0;
  return (
    <div class="streams" role="group" aria-label="Streams">
      {STREAMS.filter((stream) => stream !== 'log' || logged).map((stream) => (
        <button
          key={stream}
          type="button"
          class="textual"
          aria-pressed={!output.hidden.value.has(stream)}
          title={`Show ${stream}`}
          onClick={() => {
            output.turn(stream);
          }}
        >
          {stream}
        </button>
      ))}
    </div>
  );
}
