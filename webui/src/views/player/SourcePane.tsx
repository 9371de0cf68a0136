/** Centre: what runs. The source as it was recorded, with the values beside their lines. */
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Moment, Span } from '../../api/types';
import { callPlace } from '../../replay/calls';
import { NO_COVERAGE, coverageOf, type Coverage } from '../../replay/coverage';
import { count, relativeTo, frameName, splitPath } from '../../replay/format';
import { notesOf, type Note } from '../../replay/inline';
import type { Piece } from '../../replay/python';
import type { PlayerStore } from '../../state/player';
import { VirtualList } from '../VirtualList';
import { ChevronLeft, ChevronRight } from '../icons';
import type { PlayerProps } from './PlayerPage';

const LINE = 21;

export function SourcePane({ player }: PlayerProps): JSX.Element {
  const moment = player.moments.shown.value;
  return (
    <section class="pane source-pane" aria-label="Source">
      {moment?.source && <Code player={player} moment={moment} source={moment.source} />}
      {moment !== null && moment.source === null && (
        <p class="quiet">No source was recorded for this frame.</p>
      )}
    </section>
  );
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
  return (
    <>
      <Head player={player} moment={moment} file={source.file} />
      <VirtualList
        key={source.file}
        class="code"
        label={`Source of ${source.file}`}
        rows={lines.length}
        rowHeight={LINE}
        focus={source.line - first}
        render={(row) => (
          <Line
            key={row}
            number={row + first}
            pieces={lines[row] ?? []}
            notes={notes.get(row + first) ?? []}
            tone={toneOf(row + first, moment, source.line, coverage)}
            count={coverage.counts.get(row + first) ?? 0}
            player={player}
          />
        )}
      />
    </>
  );
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
  const frame = moment.stack.find((open) => open.frame === moment.frame);
  return (
    <div class="pane-head">
      <h2 class="file" title={file}>
        <span class="dim">{path.folder}</span>
        {path.file}
      </h2>
      {moment.frame !== null && <CallSteps player={player} frame={moment.frame} />}
      {frame && <span class="aside dim mono ell">{frameName(frame)}</span>}
    </div>
  );
}

function CallSteps({
  player,
  frame,
}: PlayerProps & { readonly frame: number }): JSX.Element | null {
  const { spans, spans_complete: complete } = player.timeline.value;
  const place = useMemo(() => callPlace(spans, frame), [spans, frame]);
  if (place === null || !complete) return null;
  return (
    <span class="pill steps">
      <CallStep player={player} to={place.previous} label="Previous call">
        <ChevronLeft size={12} />
      </CallStep>
      call <b>{count(place.index)}</b> of {count(place.count)}
      <CallStep player={player} to={place.next} label="Next call">
        <ChevronRight size={12} />
      </CallStep>
    </span>
  );
}

interface CallStepProps extends PlayerProps {
  readonly to: Span | null;
  readonly label: string;
  readonly children: ComponentChildren;
}

function CallStep({ player, to, label, children }: CallStepProps): JSX.Element {
  return (
    <button
      type="button"
      class="textual"
      aria-label={label}
      disabled={to === null}
      onClick={() => {
        if (to !== null) player.jump(to.first);
      }}
    >
      {children}
    </button>
  );
}

interface LineProps {
  readonly player: PlayerStore;
  readonly number: number;
  readonly pieces: readonly Piece[];
  readonly notes: readonly Note[];
  readonly tone: string;
  /** How often it ran in this call. */
  readonly count: number;
}

function Line({ player, number, pieces, notes, tone, count: times }: LineProps): JSX.Element {
  const current = tone.startsWith('now');
  return (
    <div
      class={`line ${tone}`}
      role="listitem"
      data-line={number}
      aria-current={current ? 'step' : undefined}
    >
      <span class="no">{number}</span>
      <span class="times" title={times > 1 ? `ran ${count(times)} times in this call` : undefined}>
        {times > 1 && `${count(times)}×`}
      </span>
      <code>
        {pieces.map((piece, i) =>
          piece.tone === 'plain' ? (
            piece.text
          ) : (
            <i key={i} class={`py-${piece.tone}`}>
              {piece.text}
            </i>
          ),
        )}
      </code>
      <span class="notes">
        {notes.map((note) => (
          <NoteMark key={`${note.name ?? ''} ${note.n}`} note={note} player={player} />
        ))}
      </span>
    </div>
  );
}

function NoteMark({
  note,
  player,
}: {
  readonly note: Note;
  readonly player: PlayerStore;
}): JSX.Element {
  const text = note.previous === null ? note.text : `${note.previous} → ${note.text}`;
  return (
    <button
      type="button"
      class={`note ${note.tone}`}
      title={`${text}\nevent ${count(note.n)}`}
      tabIndex={-1}
      onClick={() => {
        player.jump(note.n);
      }}
    >
      {note.name} <b>{text}</b>
    </button>
  );
}
