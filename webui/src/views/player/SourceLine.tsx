/** A line of source: its number (a jump to when it ran), how often it ran, the code, the values. */
import type { JSX } from 'preact';
import { count } from '../../replay/format';
import type { Note } from '../../replay/inline';
import type { MarkedPiece } from '../../replay/hits';
import { wordsOf } from '../../replay/words';
import type { LinePlace } from '../../state/lines';
import { toLine } from '../../state/leaps';
import type { PlayerStore } from '../../state/player';
import { PrintIcon } from '../icons';
import { openHistory, printAt } from './printing';

export interface SourceLineProps {
  readonly player: PlayerStore;
  readonly place: LinePlace;
  readonly pieces: readonly MarkedPiece[];
  readonly notes: readonly Note[];
  readonly tone: string;
  /** How often it ran in this call. */
  readonly count: number;
  /** What the variables that may stand in it are worth. */
  readonly values: ReadonlyMap<string, string>;
  /** The keys are at this line: its buttons are in their way, those of other lines are not. */
  readonly reached: boolean;
}

export function SourceLine(props: SourceLineProps): JSX.Element {
  const { player, place, pieces, notes, tone, count: times, reached } = props;
  const current = tone.startsWith('now');
  return (
    <div
      class={`line ${tone}`}
      role="listitem"
      data-line={place.line}
      aria-current={current ? 'step' : undefined}
    >
      <Gutter player={player} place={place} reached={reached} />
      <span class="times" title={times > 1 ? `ran ${count(times)} times in this call` : undefined}>
        {times > 1 && `${count(times)}×`}
      </span>
      <code>
        {pieces.map((piece, i) => {
          const { text, tone: colour, hit } = piece;
          const shown = colour === 'plain' ? <Names text={text} {...props} /> : text;
          return (
            <i key={i} class={`py-${colour} ${hit ? 'hit' : ''}`}>
              {shown}
            </i>
          );
        })}
      </code>
      <span class="notes">
        {notes.map((note) => (
          <NoteMark
            key={`${note.name ?? ''} ${note.n}`}
            note={note}
            player={player}
            reached={reached}
          />
        ))}
      </span>
    </div>
  );
}

type GutterProps = Pick<SourceLineProps, 'player' | 'place' | 'reached'>;

function Gutter({ player, place, reached }: GutterProps): JSX.Element {
  const { line } = place;
  return (
    <>
      <button
        type="button"
        class="no"
        tabIndex={reached ? 0 : -1}
        aria-label={`Line ${line}: the next time it ran`}
        title={`next time line ${line} ran\n⇧ click: the time before`}
        onClick={(event) => {
          void toLine(player, place, event.shiftKey ? -1 : 1);
        }}
      >
        {line}
      </button>
      <button
        type="button"
        class="print-mark"
        tabIndex={reached ? 0 : -1}
        aria-label={`Print at line ${line}`}
        title="print here…"
        onClick={() => {
          printAt(player, place);
        }}
      >
        <PrintIcon size={11} />
      </button>
    </>
  );
}

type NamesProps = Pick<SourceLineProps, 'player' | 'values'> & { readonly text: string };

/** Code between what has a colour; the names of variables in it tell their values. */
function Names({ player, values, text }: NamesProps): JSX.Element {
  if (values.size === 0) return <>{text}</>;
  return (
    <>
      {wordsOf(text, values).map(({ text: word, value }, i) =>
        value === null ? (
          word
        ) : (
          <span
            key={i}
            class="known"
            title={`${word} = ${value}`}
            onClick={() => {
              openHistory(player, word);
            }}
          >
            {word}
          </span>
        ),
      )}
    </>
  );
}

interface NoteMarkProps {
  readonly note: Note;
  readonly player: PlayerStore;
  readonly reached: boolean;
}

function NoteMark({ note, player, reached }: NoteMarkProps): JSX.Element {
  const text = note.previous === null ? note.text : `${note.previous} → ${note.text}`;
  return (
    <button
      type="button"
      class={`note ${note.tone}`}
      title={`${text}\nevent ${count(note.n)}`}
      tabIndex={reached ? 0 : -1}
      onClick={() => {
        player.jump(note.n);
      }}
    >
      {note.name} <b>{text}</b>
    </button>
  );
}
