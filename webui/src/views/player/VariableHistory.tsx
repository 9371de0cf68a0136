/** All values of one variable: steps of a plot where they are numbers, a list where they are not. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Variable } from '../../api/types';
import { count, splitPath } from '../../replay/format';
import { numberOf, plotOf, type Plot, type Write } from '../../replay/history';
import { MOST } from '../../state/history';
import type { PlayerStore } from '../../state/player';
import { VirtualList } from '../VirtualList';
import { useReturn } from '../focus';
import { ArrowRight, CloseIcon } from '../icons';
import type { PlayerProps, ResizedProps } from './PlayerPage';
import { Splitter, heightOf } from './Splitter';

const [WIDTH, HEIGHT] = [344, 56];
const VIEW_BOX = `0 -10 ${WIDTH} ${HEIGHT + 18}`;

export function VariableHistory({ layout, player }: ResizedProps): JSX.Element {
  const { history } = player;
  const subject = history.subject.value;
  const writes = history.writes.value;
  const plot = writes && plotOf(writes, WIDTH, HEIGHT);
  const box = useRef<HTMLDivElement>(null);
  useReturn(box);
  return (
    <div
      ref={box}
      class="history"
      role="region"
      aria-label={`All values of ${subject?.variable ?? ''}`}
      style={heightOf(layout, 'history')}
    >
      <Splitter layout={layout} pane="history" label="Height of the values" />
      <Head player={player} writes={writes ?? []} />
      {writes?.length === 0 && (
        <p class="quiet">
          No write of it was recorded{player.view.focus.value && ' within the focus'}.
        </p>
      )}
      {history.failed.value && (
        <p class="quiet error-text" role="alert">
          Its values could not be read.
        </p>
      )}
      {writes === null && !history.failed.value && (
        <Awaited number={isNumber(player, subject?.variable)} />
      )}
      {plot && <StepPlot plot={plot} player={player} />}
      {writes !== null && writes.length > 0 && <WriteList writes={writes} player={player} />}
      {writes?.length === MOST && <p class="quiet">The first {count(MOST)}; there may be more.</p>}
    </div>
  );
}

/** Values that are on their way have the room that they will take. */
function Awaited({ number }: { readonly number: boolean }): JSX.Element {
  return (
    <>
      {number && <svg class="plot" viewBox={VIEW_BOX} aria-hidden="true" />}
      <p class="quiet writes" role="status">
        Looking for its values …
      </p>
    </>
  );
}

/** As it is at the cursor. */
function variableOf(player: PlayerStore, name: string | undefined): Variable | undefined {
  const variables = player.moments.shown.value?.variables ?? [];
  return variables.find((one) => one.name === name);
}

function isNumber(player: PlayerStore, name: string | undefined): boolean {
  const variable = variableOf(player, name);
  return variable !== undefined && numberOf(variable.value) !== null;
}

interface WritesProps extends PlayerProps {
  readonly writes: readonly Write[];
}

function Head({ player, writes }: WritesProps): JSX.Element {
  const { history } = player;
  const variable = history.subject.value?.variable;
  return (
    <h2 class="pane-title">
      <div>
        <b>{variable}</b>, all its values
      </div>
      <WhoSetIt player={player} subject={variable} writes={writes} />
      <button
        type="button"
        class="textual"
        aria-label="Close"
        title="Close  Esc"
        onClick={() => {
          history.close();
        }}
      >
        <CloseIcon size={12} />
      </button>
    </h2>
  );
}

interface WhoSetItProps extends WritesProps {
  /** The variable's name. */
  readonly subject: string | undefined;
}

/** The line that gave the variable the value it has at the cursor, or the event that did it by another name. */
function WhoSetIt({ player, subject, writes }: WhoSetItProps): JSX.Element {
  const write = latestWrite(player, writes);
  const moment = player.moments.shown.value;
  const file = moment?.source?.file;
  if (write === undefined || file === undefined) return <span />;
  const last = variableOf(player, subject)?.last_change ?? write.n;
  const n = Math.max(last, write.n);
  return (
    <button
      type="button"
      class="textual who"
      title="Go to the write that made it so"
      onClick={() => {
        player.jump(n);
      }}
    >
      {n === write.n ? (
        <>
          who set it: {splitPath(file).file}:{write.line}
        </>
      ) : (
        <>who changed it: event {count(n)}</>
      )}{' '}
      <ArrowRight size={11} />
    </button>
  );
}

function latestWrite(player: PlayerStore, writes: readonly Write[]): Write | undefined {
  const { n } = player.cursor.value;
  return writes.findLast((write) => write.n <= n);
}

function StepPlot({ plot, player }: PlayerProps & { readonly plot: Plot }): JSX.Element {
  const { n } = player.cursor.value;
  const at = plot.points.findLast(({ write }) => write.n <= n);
  const step = WIDTH / plot.points.length;
  const few = plot.points.length <= 12;
  return (
    <svg class="plot" viewBox={VIEW_BOX} role="img" aria-label="Its values as steps">
      <path d={plot.path} class="plot-line" />
      {at && <line class="plot-cursor" x1={at.x + 0.5} x2={at.x + 0.5} y1={-10} y2={HEIGHT + 8} />}
      {plot.points.map(({ x, y, write }) => (
        <g
          key={write.n}
          class="plot-point"
          onClick={() => {
            player.jump(write.n);
          }}
        >
          <rect x={x} y={-10} width={step} height={HEIGHT + 18} />
          <title>{`${write.text} · event ${count(write.n)}`}</title>
          {write === at?.write && <circle cx={x} cy={y} r={3.5} />}
          {few && (
            <text x={x + 5} y={y < 14 ? y + 13 : y - 4}>
              {brief(write.text)}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

function WriteList({ writes, player }: WritesProps): JSX.Element {
  const current = latestWrite(player, writes);
  return (
    <VirtualList
      class="rows writes"
      role="listbox"
      label="Values"
      rows={writes.length}
      rowHeight={20}
      focus={current === undefined ? null : writes.indexOf(current)}
      render={(row) => {
        const write = writes[row];
        if (write === undefined) return null;
        return (
          <button
            key={write.n}
            type="button"
            class={`row ${write === current ? 'on' : ''}`}
            role="option"
            aria-selected={write === current}
            tabIndex={-1}
            title={write.text}
            onClick={() => {
              player.jump(write.n);
            }}
          >
            <span class="n">{count(write.n)}</span>
            <span class="ell">{write.text}</span>
            <span class="t">line {write.line}</span>
          </button>
        );
      }}
    />
  );
}

function brief(text: string): string {
  const number = /^Decimal\('(.*)'\)$/.exec(text)?.[1] ?? text;
  return number.length > 9 ? `${number.slice(0, 8)}…` : number;
}
