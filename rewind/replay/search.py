"""Events by what they tell: each value is looked at, so answers are bounded and say where to go on.

What sites answer (`EventQuery` without a value) needs no bound: a chunk without such sites is not
opened.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from rewind.replay.events import Event, EventQuery
from rewind.replay.session import Session

LOOKED_AT: Final = 100_000
"""Events that an answer looks through: about a second where every one tells something."""


class Found(NamedTuple):
    """Some events that were looked for."""

    events: tuple[Event, ...]
    next: int | None
    """The event to go on from; None where all were looked at, or nobody counts."""


def all_of(session: Session, wanted: EventQuery) -> Found:
    """Return the events that are asked for, by their sites alone."""
    return Found(tuple(session.events(wanted)), None)


def within(session: Session, wanted: EventQuery) -> Found:
    """Return those of the next `LOOKED_AT` events that are asked for."""
    first = max(wanted.first, session.facts.first_event)
    last = min(session.facts.events, wanted.last or session.facts.events)
    end = min(last, first + LOOKED_AT - 1)
    found = tuple(session.events(replace(wanted, first=first, last=end)))
    if found and len(found) == wanted.limit:
        end = found[-1].n
    return Found(found, end + 1 if end < last else None)
