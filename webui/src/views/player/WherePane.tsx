/** Left: where in the session one is. Events, calls, errors, output, and what was found. */
import type { JSX } from 'preact';
import { count } from '../../replay/format';
import { isWithin } from '../../replay/range';
import { knowsExceptions } from '../../replay/timeline';
import { TABS, type Tab } from '../../state/player';
import { CallList } from './CallList';
import { ErrorList } from './ErrorList';
import { EventList } from './EventList';
import { FoundList } from './FoundList';
import { KindFilter } from './KindFilter';
import { OutputList } from './OutputList';
import type { PlayerProps } from './PlayerPage';

const TITLES: Readonly<Record<Tab, string>> = {
  calls: 'Calls',
  events: 'Events',
  errors: 'Errors',
  output: 'Output',
  found: 'Found',
};

export function WherePane({ player }: PlayerProps): JSX.Element {
  const current = player.tab.value;
  return (
    <section class="pane" aria-label="Where">
      <div class="tabs">
        <Tabs player={player} />
        {current === 'events' && <KindFilter player={player} />}
      </div>
      <div
        class="tab-body"
        style={{ '--n-width': `${count(player.cursor.value.last).length}ch` }}
        id="where"
        role="tabpanel"
        aria-labelledby={idOf(current)}
      >
        {current === 'events' && <EventList player={player} />}
        {current === 'calls' && <CallList player={player} />}
        {current === 'errors' && <ErrorList player={player} />}
        {current === 'output' && <OutputList player={player} />}
        {current === 'found' && <FoundList player={player} />}
      </div>
    </section>
  );
}

/** One stop of the Tab key; arrows go from one to the next. */
function Tabs({ player }: PlayerProps): JSX.Element {
  const current = player.tab.value;
  const found = player.find.results.value;
  const tabs = TABS.filter((tab) => tab !== 'found' || found !== null || current === 'found');
  return (
    <div
      role="tablist"
      aria-label="Lists"
      onKeyDown={(event) => {
        const to = beside(tabs, current, event);
        if (to === undefined) return;
        event.preventDefault();
        // The player's keys step.
        event.stopPropagation();
        player.tab.value = to;
        document.getElementById(idOf(to))?.focus();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={idOf(tab)}
          tabIndex={tab === current ? 0 : -1}
          aria-selected={tab === current}
          aria-controls="where"
          onClick={() => {
            player.tab.value = tab;
          }}
        >
          {TITLES[tab]}
          <Badge tab={tab} player={player} />
        </button>
      ))}
    </div>
  );
}

function idOf(tab: Tab): string {
  return `tab-${tab}`;
}

const ASIDE: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** The tab that an arrow key leads to, around the ends. */
function beside(tabs: readonly Tab[], current: Tab, event: KeyboardEvent): Tab | undefined {
  const by = event.shiftKey ? undefined : ASIDE[event.key];
  return by === undefined ? undefined : tabs.at((tabs.indexOf(current) + by) % tabs.length);
}

function Badge({ tab, player }: PlayerProps & { readonly tab: Tab }): JSX.Element | null {
  if (tab === 'errors') {
    const told = player.view.told.value;
    const focus = player.view.focus.value;
    const exceptions = told.exceptions.filter((mark) => isWithin(focus, mark.n));
    if (exceptions.length === 0) return null;
    const more = knowsExceptions(told) ? '' : '+';
    return <i class="badge error-text">{`${count(exceptions.length)}${more}`}</i>;
  }
  const found = player.find.results.value;
  return tab === 'found' && found !== null ? <i class="badge">{count(found.length)}</i> : null;
}
