"""Retroactive print: every time a line ran, and what expressions were worth there.

A line is known by its probes. The one that fired most often stands for it; where several did, the
last of them, so that what the line wrote is there. Answers come in pages bounded by rows and by
time, each of which says where the next one begins: a million of them is a matter of asking on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple

from rewind.errors import ExpressionError
from rewind.model import events
from rewind.replay.evaluation import evaluate
from rewind.replay.events import Event, EventQuery
from rewind.replay.expressions import Column, names_of
from rewind.replay.names import Names
from rewind.replay.operations import Unanswerable, is_true
from rewind.replay.session import Session
from rewind.replay.sites import Module, Place
from rewind.replay.values import Value

MOST_ROWS: Final = 5000
"""Rows of one page."""
LONGEST_S: Final = 1.0
"""After so long a page ends with what it has."""


class Cell(NamedTuple):
    """What an expression was worth at one hit."""

    value: Value
    problem: str | None = None
    """Why it has no value; None where it has one."""
    since: int | None = None
    """Event as of which it is told, where what became of it since was not looked up."""


class Row(NamedTuple):
    """A hit of a line."""

    event: Event
    cells: tuple[Cell, ...]


class Page(NamedTuple):
    """Some consecutive hits."""

    rows: tuple[Row, ...]
    looked: int
    """How many hits were looked at; more than there are rows where a condition left some out."""
    next: int | None
    """Where to go on; None at the end."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a module with the probes that stand for it."""

    module: Module
    line: int
    sites: frozenset[int]
    hits: int | None
    """How often it ran; None where that is not known without looking at each."""


@dataclass(frozen=True, slots=True)
class _Hits(EventQuery):
    """Events of some sites."""

    sites: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_selective(self) -> bool:
        return True

    def wants(self, place: Place) -> bool:
        return place.number in self.sites


def line_of(session: Session, module: Module, line: int) -> Line | None:
    """Return what stands for a line in that session; None where nothing was recorded at it."""
    own = {
        module.base + index: site
        for index, site in enumerate(module.sites)
        if site.line == line and site.kind != events.EXCEPTION
    }
    counts = session.counts()
    fired = {number: counts[number] for number in own if counts[number]}
    if fired:
        most = max(fired.values())
        chosen = max(number for number, times in fired.items() if times == most)
        return Line(module, line, frozenset((chosen,)), most)
    raising = frozenset(
        module.base + index
        for index, site in enumerate(module.sites)
        if site.kind == events.EXCEPTION and counts[module.base + index]
    )
    # An exception's own line is in its record: `raise` leaves no other event.
    return Line(module, line, raising, None) if raising else None


class Print:
    """A print of expressions at a line; used by one thread."""

    def __init__(
        self, session: Session, line: Line, columns: Sequence[Column], condition: Column | None
    ) -> None:
        self._session = session
        self._line = line
        self._columns = tuple(columns)
        self._condition = condition
        asked = (*columns, condition) if condition is not None else columns
        wanted = frozenset().union(*(names_of(column.tree) for column in asked))
        self._names = Names(session, wanted)

    def page(self, first: int, most: int = MOST_ROWS, longest_s: float = LONGEST_S) -> Page:
        """Return the hits from event `first` on."""
        until = monotonic() + longest_s
        rows: list[Row] = []
        looked = 0
        for event in self._hits(first):
            if looked and (len(rows) >= most or monotonic() > until):
                return Page(tuple(rows), looked, event.n)
            looked += 1
            self._names.at(event, event.frame)
            if self._is_wanted():
                rows.append(Row(event, tuple(map(self._cell, self._columns))))
        return Page(tuple(rows), looked, None)

    def _hits(self, first: int) -> Iterator[Event]:
        for event in self._session.events(_Hits(first=first, sites=self._line.sites)):
            if event.line == self._line.line:
                yield event

    def _is_wanted(self) -> bool:
        if self._condition is None:
            return True
        try:
            return is_true(evaluate(self._condition.tree, self._names))
        except Unanswerable:
            return False

    def _cell(self, column: Column) -> Cell:
        return worth(column, self._names)


def worth(column: Column, names: Names) -> Cell:
    """Return what an expression is worth where the names stand."""
    names.since = None
    try:
        value = evaluate(column.tree, names)
    except Unanswerable as reason:
        return Cell(None, str(reason))
    except RecursionError as error:
        message = "the value is nested too deep"
        raise ExpressionError(message) from error
    return Cell(value, None, names.since)


class Hits(NamedTuple):
    """Where event `n` stands among the hits of a line."""

    at: int
    """How many hits there were up to it."""
    hits: int
    previous: int | None
    """The last hit before event `n`."""
    next: int | None
    """The first one after it."""


def hits_around(session: Session, line: Line, n: int) -> Hits | None:
    """Return the hits around event `n`; None where a line is known by its exceptions alone."""
    if line.hits is None:
        return None
    hits = _Hits(sites=line.sites)
    previous, following = session.previous(n, hits), session.next(n, hits)
    return Hits(
        sum(_count(session, line, n)),
        line.hits,
        previous.n if previous is not None else None,
        following.n if following is not None else None,
    )


def _count(session: Session, line: Line, n: int) -> Iterator[int]:
    """Yield counts that make up how often the line ran up to event `n`."""
    for outline in session.outlines(n):
        if outline.last <= n:
            yield sum(outline.sites.get(site, 0) for site in line.sites)
        else:
            within = _Hits(first=outline.first, last=n, sites=line.sites)
            yield sum(1 for _ in session.events(within))
