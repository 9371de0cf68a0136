/** Retroactive print: what expressions were worth each time a line ran, as a plot and a table. */
import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { count, counted, splitPath } from '../../replay/format';
import { csvOf } from '../../replay/prints';
import type { PrintStore, Target } from '../../state/prints';
import { copyOrSave } from '../clipboard';
import { useReturn } from '../focus';
import { CloseIcon } from '../icons';
import type { PlayerProps, ResizedProps } from './PlayerPage';
import { PrintPlot } from './PrintPlot';
import { PrintTable } from './PrintTable';
import { Splitter, heightOf } from './Splitter';

export function PrintPane(props: ResizedProps): JSX.Element | null {
  const target = props.player.prints.target.value;
  return target && <Opened {...props} target={target} />;
}

function Opened({
  layout,
  player,
  target,
}: ResizedProps & { readonly target: Target }): JSX.Element {
  const { prints } = player;
  const { line, file } = target;
  const box = useRef<HTMLDivElement>(null);
  useReturn(box);
  return (
    <div
      ref={box}
      class="print"
      role="region"
      aria-label={`Print at line ${line}`}
      style={heightOf(layout, 'print')}
    >
      <Splitter layout={layout} pane="print" label="Height of the print" />
      <h2 class="pane-title">
        <div>
          print at{' '}
          <b>
            {splitPath(file).file}:{line}
          </b>
        </div>
        <Progress prints={prints} />
        <CopyButton prints={prints} />
        <button
          type="button"
          class="textual"
          aria-label="Close print"
          title="Close  Esc"
          onClick={() => {
            prints.close();
          }}
        >
          <CloseIcon size={12} />
        </button>
      </h2>
      <Boxes key={`${file} ${line}`} prints={prints} />
      <Content player={player} />
    </div>
  );
}

function Boxes({ prints }: { readonly prints: PrintStore }): JSX.Element {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  // At once: what is typed next goes into it, and not to the page's keys.
  useLayoutEffect(() => {
    first.current?.select();
  }, []);
  return (
    <form
      class="print-boxes"
      onSubmit={(event) => {
        event.preventDefault();
        prints.ask(first.current?.value ?? '', second.current?.value ?? '');
      }}
    >
      <Box
        box={first}
        label="print"
        value={prints.expressions.peek()}
        hint="order.total, len(lines)"
      />
      <Box box={second} label="where" value={prints.where.peek()} hint="total > 100" />
      <button type="submit" class="pill">
        run
      </button>
    </form>
  );
}

interface BoxProps {
  readonly box: RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly value: string;
  readonly hint: string;
}

function Box({ box, label, value, hint }: BoxProps): JSX.Element {
  return (
    <label class="find">
      <span>{label}</span>
      <input
        ref={box}
        defaultValue={value}
        placeholder={hint}
        spellcheck={false}
        autocomplete="off"
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </label>
  );
}

function Content({ player }: PlayerProps): JSX.Element {
  const { prints } = player;
  const problem = prints.problem.value;
  const rows = prints.rows.value;
  if (problem !== null && rows.length === 0) {
    return (
      <p class="quiet error-text" role="alert">
        {problem.message}
      </p>
    );
  }
  if (rows.length === 0) {
    if (prints.reading.value) return <p class="quiet">Looking …</p>;
    const none =
      prints.looked.value === 0 ? 'This line left no event of its own.' : 'No hit is so.';
    return <p class="quiet">{none}</p>;
  }
  return (
    <>
      <PrintPlot player={player} />
      <PrintTable player={player} />
      {problem !== null && (
        <p class="quiet error-text" role="alert">
          {problem.message}
        </p>
      )}
      <More prints={prints} />
    </>
  );
}

function Progress({ prints }: { readonly prints: PrintStore }): JSX.Element {
  const looked = prints.looked.value;
  const hits = prints.hits.value;
  const rows = prints.rows.value.length;
  const of = hits === null || hits === looked ? '' : ` of ${count(hits)}`;
  const chosen = rows === looked ? '' : `${count(rows)} in `;
  return (
    <span role="status" aria-busy={prints.reading.value}>
      {chosen}
      {of === '' ? counted(looked, 'hit') : `${count(looked)}${of} hits`}
      {prints.reading.value && ' …'}
    </span>
  );
}

function More({ prints }: { readonly prints: PrintStore }): JSX.Element | null {
  if (prints.next.value === null || prints.reading.value) return null;
  return (
    <button
      type="button"
      class="textual more"
      onClick={() => {
        void prints.more();
      }}
    >
      The first {counted(prints.rows.value.length, 'row')}: read on
    </button>
  );
}

function CopyButton({ prints }: { readonly prints: PrintStore }): JSX.Element {
  const [said, setSaid] = useState('copy CSV');
  const press = async (): Promise<void> => {
    const table = csvOf(prints.columns.value, prints.shown.value);
    setSaid(await copyOrSave(table, `line-${prints.target.value?.line ?? 0}.csv`));
  };
  return (
    <button
      type="button"
      class="textual"
      disabled={prints.rows.value.length === 0}
      onClick={() => void press()}
      onBlur={() => {
        setSaid('copy CSV');
      }}
      onPointerLeave={() => {
        setSaid('copy CSV');
      }}
    >
      {said}
    </button>
  );
}
