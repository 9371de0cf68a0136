/** Every hit of a print: its moment and its values, each row a click from its moment. */
import type { JSX } from 'preact';
import type { Cell, PrintRow } from '../../api/types';
import { count, milliseconds } from '../../replay/format';
import { momentAddress } from '../../replay/place';
import type { SortKey } from '../../replay/prints';
import type { PlayerStore } from '../../state/player';
import { VirtualList } from '../VirtualList';
import { ROW } from './EventList';
import type { PlayerProps } from './PlayerPage';

export function PrintTable({ player }: PlayerProps): JSX.Element {
  const { prints } = player;
  const rows = prints.shown.value;
  const { n } = player.cursor.value;
  const columns = prints.columns.value;
  const at = rows.findIndex((row) => row.n === n);
  return (
    <div
      class="print-table rows"
      role="table"
      aria-label="Hits"
      aria-rowcount={rows.length + 1}
      style={{ '--columns': `96px 104px repeat(${columns.length}, minmax(80px, 1fr))` }}
    >
      <div class="prow phead" role="row">
        <Head player={player} by="n" text="event" numbers />
        <Head player={player} by="n" text="ms" numbers />
        {columns.map((text, i) => (
          <Head
            key={i}
            player={player}
            by={i}
            text={text}
            numbers={rows[0]?.cells[i]?.number !== undefined}
          />
        ))}
      </div>
      <VirtualList
        role="rowgroup"
        label="Hits"
        rows={rows.length}
        rowHeight={ROW}
        focus={at < 0 ? null : at}
        render={(i) => {
          const row = rows[i];
          return row && <Row key={row.n} player={player} row={row} current={row.n === n} at={i} />;
        }}
      />
    </div>
  );
}

interface HeadProps extends PlayerProps {
  readonly by: SortKey;
  readonly text: string;
  readonly numbers: boolean;
}

function Head({ player, by, text, numbers }: HeadProps): JSX.Element {
  const { prints } = player;
  const order = prints.order.value;
  const own = order.by === by;
  const way = order.descending ? 'descending' : 'ascending';
  return (
    <span role="columnheader" class={numbers ? 'numbers' : ''} aria-sort={own ? way : 'none'}>
      <button
        type="button"
        class="textual ell"
        title={`Sort by ${text}`}
        onClick={() => {
          prints.sort(by);
        }}
      >
        {text}
        <span aria-hidden="true">{own && (order.descending ? ' ↓' : ' ↑')}</span>
      </button>
    </span>
  );
}

interface RowProps {
  readonly player: PlayerStore;
  readonly row: PrintRow;
  readonly current: boolean;
  readonly at: number;
}

function Row({ player, row, current, at }: RowProps): JSX.Element {
  return (
    <div
      class={`row prow ${current ? 'on' : ''}`}
      role="row"
      aria-rowindex={at + 2}
      aria-current={current ? 'step' : undefined}
      data-n={row.n}
    >
      <span role="cell" class="num">
        <a
          class="whole"
          href={momentAddress(player.id, row.n)}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            player.jump(row.n);
          }}
        >
          {count(row.n)}
        </a>
      </span>
      <span role="cell" class="num dim">
        {milliseconds(row.time_ns)}
      </span>
      {row.cells.map((cell, i) => (
        <Value key={i} cell={cell} />
      ))}
    </div>
  );
}

function Value({ cell }: { readonly cell: Cell }): JSX.Element {
  const { text, problem, since } = cell;
  const hint = since === undefined ? text : `${text ?? ''}\nas it was at event ${count(since)}`;
  return (
    <span
      role="cell"
      class={`ell ${text === undefined ? 'dim' : ''} ${cell.number === undefined ? '' : 'num'}`}
      title={problem ?? hint}
    >
      {text ?? `— ${problem ?? ''}`}
      {since !== undefined && <i class="tag">as of {count(since)}</i>}
    </span>
  );
}
