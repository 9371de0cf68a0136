/** The calls, as deep as they were; those that are open at the cursor are marked. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Span } from '../../api/types';
import { holds, inOrder } from '../../replay/calls';
import { count, duration, shortName } from '../../replay/format';
import { lastWhere } from '../../replay/jumps';
import { EMPTY_TIMELINE } from '../../replay/timeline';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import { ROW } from './EventList';
import type { PlayerProps } from './PlayerPage';

const DEEPEST = 14;
const EVERYTHING = { first: 0, last: Infinity };

export function CallList({ player }: PlayerProps): JSX.Element {
  const { spans, spans_complete: complete } = player.view.told.value;
  const focus = player.view.focus.value;
  const ordered = useMemo(() => {
    const { first, last } = focus ?? EVERYTHING;
    return inOrder(spans.filter((span) => span.first <= last && span.last >= first));
  }, [spans, focus]);
  const { n } = player.cursor.value;
  if (player.view.told.value === EMPTY_TIMELINE) return <Waiting>Reading the calls …</Waiting>;
  const open = lastWhere(ordered.length, (i) => (ordered[i]?.first ?? Infinity) <= n);
  return (
    <>
      {!complete && (
        <p class="quiet">A sample: {count(ordered.length)} calls that were open at intervals.</p>
      )}
      <VirtualList
        class="rows"
        role="tree"
        label="Calls"
        rows={ordered.length}
        rowHeight={ROW}
        focus={open < 0 ? null : open}
        render={(row) => {
          const span = ordered[row];
          return (
            span && (
              <CallRow
                key={row}
                player={player}
                span={span}
                on={holds(span, n)}
                current={row === open}
              />
            )
          );
        }}
      />
    </>
  );
}

interface CallRowProps extends PlayerProps {
  readonly span: Span;
  readonly on: boolean;
  readonly current: boolean;
}

function CallRow({ player, span, on, current }: CallRowProps): JSX.Element {
  return (
    <button
      type="button"
      class={`row ${current ? 'on' : ''} ${on ? 'open' : ''}`}
      role="treeitem"
      aria-level={span.depth}
      aria-selected={current}
      title={`${span.function} · ${count(span.last - span.first + 1)} events`}
      data-n={span.first}
      tabIndex={-1}
      onClick={() => {
        player.jump(span.first);
      }}
    >
      <i class="dot k-call" style={{ marginLeft: `${Math.min(span.depth - 1, DEEPEST) * 10}px` }} />
      <span class="ell">{shortName(span.function)}</span>
      <span class="t">{duration(span.end_ns - span.start_ns)}</span>
    </button>
  );
}
