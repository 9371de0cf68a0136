/** Centre: what runs. The source as it was recorded, with the values beside their lines. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Moment } from '../../api/types';
import { functionAround, type Block } from '../../replay/blocks';
import { NO_COVERAGE, coverageOf, type Coverage } from '../../replay/coverage';
import { relativeTo, splitPath } from '../../replay/format';
import { markedPieces } from '../../replay/hits';
import { notesOf } from '../../replay/inline';
import type { Piece } from '../../replay/python';
import type { PlayerStore } from '../../state/player';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import type { PlayerProps, ResizedProps } from './PlayerPage';
import { PrintPane } from './PrintPane';
import { SeekBox } from './SeekBox';
import { SourceLine } from './SourceLine';
import { CallSteps, IterationSteps } from './SourceSteps';
import { printAt } from './printing';

const LINE = 21;

export function SourcePane({ layout, player }: ResizedProps): JSX.Element {
  const moment = player.moments.shown.value;
  return (
    <section class="pane source-pane" aria-label="Source" onCopy={copyCode}>
      {moment?.source && <Code player={player} moment={moment} source={moment.source} />}
      {moment === null && <NoMoment player={player} />}
      {moment !== null && moment.source === null && (
        <p class="quiet">No source was recorded for this frame.</p>
      )}
      <PrintPane layout={layout} player={player} />
    </section>
  );
}

/** Before a moment could be shown. */
function NoMoment({ player }: PlayerProps): JSX.Element {
  const isEmpty = player.session.value !== null && player.cursor.value.last === 0;
  if (isEmpty) return <p class="quiet">No event of it is recorded yet.</p>;
  if (player.moments.problem.value !== null)
    return <p class="quiet">This moment could not be read.</p>;
  return <Waiting>Reading the moment …</Waiting>;
}

/** Of several lines that are chosen, their code is copied: without what stands beside it. */
function copyCode(event: ClipboardEvent): void {
  const chosen = window.getSelection();
  if (!(event.target instanceof Element) || event.target.closest('.code') === null) return;
  if (chosen === null || chosen.rangeCount === 0) return;
  const lines = [...chosen.getRangeAt(0).cloneContents().querySelectorAll('code')];
  if (lines.length < 2) return;
  event.clipboardData?.setData('text/plain', lines.map((code) => code.textContent).join('\n'));
  event.preventDefault();
}

interface CodeProps extends PlayerProps {
  readonly moment: Moment;
  readonly source: NonNullable<Moment['source']>;
}

function Code({ player, moment, source }: CodeProps): JSX.Element {
  const text = player.sources.of(source.file).value;
  const notes = notesOf(moment, player.events.recent(moment.n));
  const coverage = useCoverage(player, moment, text.text);
  const whole = text.state === 'ready';
  const excerpt = source.lines.map((line): Piece[] => [{ tone: 'plain', text: line }]);
  const [lines, first] = whole ? [text.lines, 1] : [excerpt, source.first];
  const values = useValues(moment);
  const own = useOwn(moment, text.text, source.line);
  const { seek } = player.sources;
  const [hit, words] = [seek.hit.value, seek.open.value ? seek.words.value : ''];
  return (
    <>
      <Head player={player} moment={moment} file={source.file} />
      <SeekBox seek={seek} line={source.line} />
      <VirtualList
        key={source.file}
        class="code"
        label={`Source of ${source.file}`}
        rows={lines.length}
        rowHeight={LINE}
        focus={(hit?.line ?? source.line) - first}
        render={(row, reached) => (
          <SourceLine
            key={row}
            place={{ file: source.file, line: row + first }}
            pieces={markedPieces(lines[row] ?? [], words)}
            notes={notes.get(row + first) ?? []}
            tone={`${toneOf(row + first, moment, source.line, coverage)} ${hit?.line === row + first ? 'sought' : ''}`}
            count={coverage.counts.get(row + first) ?? 0}
            values={own.from <= row + first && row + first <= own.to ? values : NO_VALUES}
            player={player}
            reached={reached}
          />
        )}
      />
    </>
  );
}

const NO_VALUES: ReadonlyMap<string, string> = new Map();

/** The values of the chosen frame's variables, for the names in its own lines. */
function useValues({ variables }: Moment): ReadonlyMap<string, string> {
  return useMemo(() => new Map(variables.map(({ name, text }) => [name, text])), [variables]);
}

function useOwn(moment: Moment, text: readonly string[], line: number): Block {
  const name = moment.stack.find((open) => open.frame === moment.frame)?.function ?? '';
  return useMemo(() => functionAround(text, line, name), [text, line, name]);
}

function useCoverage(player: PlayerStore, moment: Moment, text: readonly string[]): Coverage {
  const call = moment.frame === null ? null : player.coverage.of(moment.frame);
  return useMemo(
    () => (call === null ? NO_COVERAGE : coverageOf(call.events, text, call.recorded)),
    [call, text],
  );
}

/** The current line; in an outer frame, the line that waits for what it called; lines that never ran. */
function toneOf(line: number, moment: Moment, current: number, coverage: Coverage): string {
  if (line !== current) return coverage.cold.has(line) ? 'cold' : '';
  return moment.frame === moment.stack[0]?.frame ? 'now' : 'now waiting';
}

interface HeadProps extends PlayerProps {
  readonly moment: Moment;
  readonly file: string;
}

function Head({ player, moment, file }: HeadProps): JSX.Element {
  const directory = player.session.value?.recording.cwd;
  const path = splitPath(relativeTo(file, directory));
  const { source } = moment;
  return (
    <div class="pane-head">
      <h2 class="file" title={file}>
        <span class="dim">{path.folder}</span>
        {path.file}
      </h2>
      {moment.frame !== null && <CallSteps player={player} frame={moment.frame} />}
      <IterationSteps player={player} moment={moment} />
      {player.lines.notice.value !== null && (
        <span class="dim ell" role="status">
          {player.lines.notice.value}
        </span>
      )}
      {source !== null && (
        <button
          type="button"
          class="textual dim aside"
          title="What was it each time this line ran?  p"
          onClick={() => {
            printAt(player, { file, line: source.line });
          }}
        >
          print here…
        </button>
      )}
    </div>
  );
}
