"""An exception's way: where it was raised, which frames it left, who took it, and after what.

Told from the events of the recording. What an exception holds of its own (`__cause__`,
`__context__`) is not recorded; that it was raised while another one was being handled is known from
where that happened, and whether it was raised `from` something is read from the source.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from rewind.errors import NoSuchEventError
from rewind.model import events
from rewind.replay.events import Event, EventQuery
from rewind.replay.fold import EXIT
from rewind.replay.moments import StackEntry
from rewind.replay.session import Session
from rewind.replay.values import Raised

MOST_STEPS: Final = 200
MOST_EARLIER: Final = 10
"""How far the chain of exceptions that led to this one is followed."""
LOOKED_AT: Final = 2000
"""How many events of exceptions are looked at for the rest of a way."""
LOOKED_BACK: Final = 200_000
"""How many events back the exception that was being handled is looked for."""

RAISED: Final = "raised"
PASSED: Final = "passed"
LEFT: Final = "left"
HANDLED: Final = "handled"

_WAY: Final = frozenset((events.EXCEPTION, events.HANDLED))
_FROM: Final = re.compile(r"\braise\b.*\bfrom\s+(\w+)")


class Step(NamedTuple):
    """One event of an exception's way."""

    event: Event
    what: str
    """`raised` where it was first seen, `passed` in a frame that kept running (a `finally`, an
    `except` that did not take it), `left` where it ended a frame, `handled` where it was taken."""


class Earlier(NamedTuple):
    """An exception that was being handled when another one was raised."""

    event: Event
    """Where it was first seen; where that is not known, where it was handled."""
    relation: str
    """`cause` (`raise ... from it`), `context`, or `suppressed` (`raise ... from None`)."""


class Way(NamedTuple):
    """An exception's way."""

    steps: tuple[Step, ...]
    earlier: tuple[Earlier, ...]
    """What led to it, the latest first: each was being handled as the one before was raised."""


def way_of(session: Session, n: int) -> Way:
    """Return the way of the exception that event `n` tells of.

    Raises `NoSuchEventError` where that is no event of an exception.
    """
    first = session.event(n)
    if first.kind not in _WAY:
        message = f"event {n} of session {session.facts.id} is none of an exception: {first.kind}"
        raise NoSuchEventError(message)
    origin = _origin(session, first)
    return Way(tuple(_steps(session, origin)), tuple(_earlier(session, origin)))


def _identity(event: Event) -> int | None:
    value = event.value
    return value.id if isinstance(value, Raised) else None


def _origin(session: Session, event: Event) -> Event:
    """Return the event at which that exception was first seen, or the event itself."""
    if event.kind == events.EXCEPTION and not event.passes_through:
        return event
    first = max(session.facts.first_event, event.n - LOOKED_BACK)
    query = EventQuery(first=first, last=event.n - 1, kinds=frozenset((events.EXCEPTION,)))
    origin = event
    for earlier in session.events(query):
        if not earlier.passes_through and _identity(earlier) == _identity(event):
            origin = earlier
    return origin


def _steps(session: Session, origin: Event) -> Iterator[Step]:
    yield Step(origin, _what(origin, RAISED))
    latest = origin
    query = EventQuery(first=origin.n + 1, kinds=_WAY, limit=LOOKED_AT)
    for event in islice(_same(session, origin, query), MOST_STEPS):
        if event.kind == events.EXCEPTION:
            if not event.is_same_exception(latest):
                return
            latest = event
        yield Step(event, _what(event, PASSED))


def _same(session: Session, origin: Event, query: EventQuery) -> Iterator[Event]:
    wanted = _identity(origin)
    return (event for event in session.events(query) if _identity(event) == wanted)


def _what(event: Event, otherwise: str) -> str:
    if event.kind == events.HANDLED:
        return HANDLED
    left = otherwise == PASSED and event.place.site.detail == EXIT
    return LEFT if left else otherwise


def _earlier(session: Session, origin: Event) -> Iterator[Earlier]:
    event = origin
    for _ in range(MOST_EARLIER):
        handled = _being_handled(session, event)
        if handled is None or _identity(handled) == _identity(event):
            return
        relation = _relation(session, event, handled)
        event = _origin(session, handled)
        yield Earlier(event, relation)


def _being_handled(session: Session, event: Event) -> Event | None:
    """Return the latest `handled` event whose clause a frame of the stack stood in."""
    for entry in session.stack(event.n):
        found = _clause_of(session, entry, event.n)
        if found is not None:
            return found
    return None


def _clause_of(session: Session, entry: StackEntry, n: int) -> Event | None:
    frame, scope = entry.frame, entry.frame.opened.scope
    first = max(frame.number, session.facts.first_event, n - LOOKED_BACK)
    query = EventQuery(first=first, last=n - 1, kinds=frozenset((events.HANDLED,)))
    lines = session.source(scope.module)
    latest = None
    for event in session.events(query):
        own = event.frame is not None and event.frame.number == frame.number
        if own and _is_within(lines, event.place.site.line, entry.line):
            latest = event
    return latest


def _is_within(lines: tuple[str, ...], header: int, line: int) -> bool:
    """Return whether a line stands in the block below a header, by its indentation."""
    if not header < line <= len(lines):
        return False
    block = lines[header:line]
    return all(_indent(text) > _indent(lines[header - 1]) for text in block if text.strip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _relation(session: Session, event: Event, handled: Event) -> str:
    lines = session.source(event.place.scope.module)
    text = lines[event.line - 1] if 1 <= event.line <= len(lines) else ""
    found = _FROM.search(text)
    if found is None:
        return "context"
    if found.group(1) == "None":
        return "suppressed"
    return "cause" if found.group(1) == handled.place.site.name else "context"
