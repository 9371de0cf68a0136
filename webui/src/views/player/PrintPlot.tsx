/** The numbers of a print over its hits, in their order; a click goes to the nearest hit. */
import type { JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { lastWhere } from '../../replay/jumps';
import { seriesOf } from '../../replay/prints';
import { useSize } from '../size';
import type { PlayerProps } from './PlayerPage';

const HEIGHT = 64;
const MARGIN = 6;

export function PrintPlot({ player }: PlayerProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const inner = Math.max(1, width - 2 * MARGIN);
  const { columns } = player.prints;
  const rows = player.prints.rows.value;
  const series = useMemo(() => seriesOf(rows, inner, HEIGHT), [rows, inner]);
  const { n } = player.cursor.value;
  const at = lastWhere(rows.length, (i) => (rows[i]?.n ?? Infinity) <= n);
  const go = (event: MouseEvent): void => {
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    const share = (event.clientX - left - MARGIN) / inner;
    const row = rows[Math.round(Math.min(1, Math.max(0, share)) * (rows.length - 1))];
    if (row !== undefined) player.jump(row.n);
  };
  const names = series.map(({ column }) => columns.value[column] ?? '').join(', ');
  const x = MARGIN + (Math.max(0, at) / Math.max(1, rows.length - 1)) * inner;
  return (
    <div ref={box} class={`print-plot ${series.length === 0 ? 'empty' : ''}`}>
      {series.length > 0 && (
        <svg
          width={width}
          height={HEIGHT + 2 * MARGIN}
          role="img"
          aria-label={`Plot of ${names}`}
          onClick={go}
        >
          <g transform={`translate(${MARGIN} ${MARGIN})`}>
            {series.map(({ column, path }, i) => (
              <path key={column} class={`series s${i}`} d={path} />
            ))}
          </g>
          {at >= 0 && <line class="plot-cursor" x1={x} x2={x} y1={0} y2={HEIGHT + 2 * MARGIN} />}
        </svg>
      )}
      {series.map(({ column, low, high }, i) => (
        <span key={column} class={`legend s${i}`}>
          {columns.value[column]} <em>{`${brief(low)} … ${brief(high)}`}</em>
        </span>
      ))}
    </div>
  );
}

function brief(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en', { maximumSignificantDigits: 6 });
}
