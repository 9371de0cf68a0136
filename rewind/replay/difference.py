"""Where two sessions first say something different, event by event.

Two events say the same where they are of the same kind, at the same line of the same function, and
tell the same values. A line is known by its text and not by its number, so that two versions of a
program can be compared; a value by its shape and not by its identity; times do not count. Answers
are bounded by time, and say where to go on: ten million equal events are a matter of asking on.
"""

from collections.abc import Sequence
from itertools import islice, zip_longest
from time import monotonic
from typing import Final, NamedTuple

from rewind.model import events
from rewind.replay.events import Event
from rewind.replay.session import Session
from rewind.replay.shapes import shape
from rewind.replay.sites import PAYLOAD_AT, Place
from rewind.replay.sources import line_text

LONGEST_S: Final = 1.0
"""After so long an answer ends with what was compared."""
_LOOKED_AT_ONCE: Final = 500
"""Events between two looks at the clock."""
WINDOW: Final = 2000
"""How many events behind a difference are searched for the place where both ways meet again."""
_ALIKE: Final = 3
"""So many steps in a row must be the same there."""

Step = tuple[str | None, ...]


class Pair(NamedTuple):
    """An event of each of the two sessions."""

    n: int
    other: int


BEGIN: Final = Pair(1, 1)


class Difference(NamedTuple):
    """Where two sessions part."""

    what: str
    """`value`: the same step told something else; `step`: another step was taken; `end`: one of the
    sessions has no more events."""
    n: int | None
    """The event of the one session; None where it is at its end."""
    other: int | None
    joins: Pair | None
    """Where both take the same steps again, as far as that was looked for."""


class Comparison(NamedTuple):
    """What is known after some looking."""

    same: int
    """How many pairs of events said the same."""
    difference: Difference | None
    next: Pair | None
    """Where to go on, where time was over before a difference or the end was found."""


def difference(
    one: Session, other: Session, begin: Pair = BEGIN, longest_s: float = LONGEST_S
) -> Comparison:
    """Compare two sessions from a pair of events on, up to the first that do not say the same."""
    until = monotonic() + longest_s
    begin = Pair(max(begin.n, one.facts.first_event), max(begin.other, other.facts.first_event))
    steps, others = _Steps(one), _Steps(other)
    pairs = zip_longest(one.bare(begin.n), other.bare(begin.other))
    for same, (mine, theirs) in enumerate(pairs):
        if mine is None or theirs is None:
            return Comparison(same, _part("end", mine, theirs, None), None)
        if same % _LOOKED_AT_ONCE == _LOOKED_AT_ONCE - 1 and monotonic() > until:
            return Comparison(same, None, Pair(mine.n, theirs.n))
        if steps[mine.place] != others[theirs.place]:
            joins = _meeting(steps, others, mine.n, theirs.n)
            return Comparison(same, _part("step", mine, theirs, joins), None)
        if not _say_the_same(mine, theirs):
            return Comparison(
                same, _part("value", mine, theirs, Pair(mine.n + 1, theirs.n + 1)), None
            )
    return Comparison(one.facts.events - begin.n + 1, None, None)


def _part(what: str, mine: Event | None, theirs: Event | None, joins: Pair | None) -> Difference:
    return Difference(what, mine and mine.n, theirs and theirs.n, joins)


class _Steps(dict[Place, Step]):
    """What tells the places of a session apart, in words that are the same in every run."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def __missing__(self, place: Place) -> Step:
        module, function, site = place.scope.module, place.scope.function, place.site
        line = line_text(self.session.source(module), site.line)
        found = (site.kind, module.name, function.qualname, site.name, site.detail, line)
        self[place] = found
        return found

    def next(self, n: int) -> list[Step]:
        """Return the steps of some events from number `n` on; behind the last there is none."""
        found = [self[event.place] for event in islice(self.session.bare(n), WINDOW)]
        return found if len(found) == WINDOW else [*found, *[()] * _ALIKE]


def _say_the_same(mine: Event, theirs: Event) -> bool:
    one, other = mine.record[PAYLOAD_AT:], theirs.record[PAYLOAD_AT:]
    if len(one) == len(other) and all(map(_are_equal_scalars, one, other)):
        return True
    return _said(mine) == _said(theirs)


def _are_equal_scalars(one: object, other: object) -> bool:
    return type(one) is type(other) is not tuple and one == other


def _said(event: Event) -> object:
    """Return what an event tells but for identities, times and numbers of lines."""
    if event.kind == events.CALL:
        return [(name, shape(value)) for name, value in event.arguments]
    key = shape(event.key) if event.has_key else None
    return shape(event.value), shape(event.owner), key, event.passes_through


def _meeting(steps: _Steps, others: _Steps, n: int, other: int) -> Pair | None:
    """Return the nearest events from which on both sessions take the same steps for a while."""
    mine, theirs = _runs(steps.next(n)), _runs(others.next(other))
    first: dict[Sequence[Step], int] = {}
    for at, run in enumerate(theirs):
        first.setdefault(run, at)
    found = [(at + first[run], at, first[run]) for at, run in enumerate(mine) if run in first]
    if not found:
        return None
    _, ahead, behind = min(found)
    return Pair(n + ahead, other + behind)


def _runs(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    return [tuple(steps[at : at + _ALIKE]) for at in range(len(steps) - _ALIKE + 1)]
