"""What a session has asked of databases, statement by statement, and where one is repeated.

A statement that runs again and again below one frame is what one with a join, or one for all of
its values, would have done at once ("N+1").
"""

from collections import Counter
from typing import Final, NamedTuple

from rewind.model import events
from rewind.replay.events import Event, EventQuery
from rewind.replay.frames import Frame, stack_of
from rewind.replay.session import Session
from rewind.replay.text import CUT, one_line
from rewind.replay.values import Pairs, Prefix, Value

REPEATED: Final = 5
"""A statement that ran more often than this below one frame is repeated."""
MOST_EVENTS: Final = 100_000
"""Events that are looked at."""

_KINDS: Final = frozenset((events.SQL,))
_DEEPEST: Final = 200


class Query(NamedTuple):
    """A statement, with all the times that it ran."""

    statement: str
    times: int
    duration_ns: int
    """All of them together."""
    errors: int
    first: Event
    """Where it ran for the first time."""
    frame: Frame | None
    """The innermost frame below which it was repeated, if it was."""
    repeated: int
    """How often it ran there."""


class _Group:
    """One statement, while the session is gone through."""

    def __init__(self, first: Event) -> None:
        self.first = first
        self.times = self.duration_ns = self.errors = 0
        self.below = Counter[int]()
        self.frames: dict[int, Frame] = {}

    def add(self, event: Event, told: dict[str, Value]) -> None:
        self.times += 1
        duration = told.get("duration_ns")
        self.duration_ns += duration if isinstance(duration, int) else 0
        self.errors += told.get("error") is not None
        for frame, _ in zip(stack_of(event.top), range(_DEEPEST), strict=False):
            self.below[frame.number] += 1
            self.frames[frame.number] = frame

    def query(self, statement: str) -> Query:
        repeated = [self.frames[n] for n, times in self.below.items() if times > REPEATED]
        frame = max(repeated, key=lambda each: each.depth, default=None)
        below = 0 if frame is None else self.below[frame.number]
        return Query(statement, self.times, self.duration_ns, self.errors, self.first, frame, below)


def queries(session: Session) -> list[Query]:
    """Return the session's statements, those first that took the longest.

    Statements are the same by their text, as far as it was recorded. Raises `FormatError`.
    """
    groups: dict[str, _Group] = {}
    for event in session.events(EventQuery(kinds=_KINDS, limit=MOST_EVENTS)):
        told = _told(event.value)
        statement = _statement(told.get("statement"))
        group = groups.get(statement)
        if group is None:
            group = groups[statement] = _Group(event)
        group.add(event, told)
    found = [group.query(statement) for statement, group in groups.items()]
    return sorted(found, key=lambda query: -query.duration_ns)


def _told(value: Value) -> dict[str, Value]:
    pairs = value.pairs if isinstance(value, Pairs) else ()
    return {key: part for key, part in pairs if isinstance(key, str)}


def _statement(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Prefix) and isinstance(value.prefix, str):
        return f"{value.prefix}{CUT}"
    return one_line(value)
