/** The exceptions of the session, each a link to its moment. */
import type { JSX } from 'preact';
import type { TimelineMark } from '../../api/types';
import { count, counted } from '../../replay/format';
import { momentAddress } from '../../replay/place';
import { isWithin } from '../../replay/range';
import { EMPTY_TIMELINE, knowsExceptions, totalOf } from '../../replay/timeline';
import { VirtualList } from '../VirtualList';
import { Waiting } from '../Waiting';
import { ROW } from './EventList';
import { ExceptionWay } from './ExceptionWay';
import type { PlayerProps } from './PlayerPage';

export function ErrorList({ player }: PlayerProps): JSX.Element {
  const timeline = player.view.told.value;
  const focus = player.view.focus.value;
  const exceptions = timeline.exceptions.filter((mark) => isWithin(focus, mark.n));
  const { n } = player.cursor.value;
  const all = knowsExceptions(timeline);
  if (timeline === EMPTY_TIMELINE) return <Waiting>Reading the exceptions …</Waiting>;
  if (all && exceptions.length === 0)
    return <p class="quiet">No exception was raised{focus && ' within the focus'}.</p>;
  // What the cursor stands at or has come by last: the frames of its way are looked at one by one.
  const at = exceptions.findLastIndex((mark) => mark.n <= n);
  const latest = exceptions[at];
  return (
    <>
      {!all && (
        <p class="quiet">
          Some of {counted(totalOf(timeline, 'exception'), 'exception event')}; the buttons for the
          next and the previous one find them all.
        </p>
      )}
      <VirtualList
        class="rows"
        role="listbox"
        label="Exceptions"
        rows={exceptions.length}
        rowHeight={ROW}
        focus={at < 0 ? null : at}
        render={(row) => {
          const mark = exceptions[row];
          return mark && <ErrorRow key={row} player={player} mark={mark} current={row === at} />;
        }}
      />
      {latest && <ExceptionWay player={player} n={latest.n} />}
    </>
  );
}

interface ErrorRowProps extends PlayerProps {
  readonly mark: TimelineMark;
  readonly current: boolean;
}

function ErrorRow({ player, mark, current }: ErrorRowProps): JSX.Element {
  return (
    <a
      class={`row ${current ? 'on' : ''}`}
      role="option"
      aria-selected={current}
      href={momentAddress(player.id, mark.n)}
      title={mark.text}
      data-n={mark.n}
      tabIndex={-1}
      onClick={(event) => {
        event.preventDefault();
        player.jump(mark.n);
      }}
    >
      <span class="n">{count(mark.n)}</span>
      <i class="dot k-exception" />
      <span class="ell">{mark.text}</span>
    </a>
  );
}
