"""What a session has printed and logged, in lines: each with the event that began it.

A line is put together from events of its stream: `print("a", end="")` leaves one open, which the
next text goes on with. Of a text that was cut or withheld nobody knows how it ended: it ends its
line. A record of a log is a line of its own, whatever its text holds.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from rewind.model import events
from rewind.model.notes import STREAMS
from rewind.replay.events import Event, EventQuery
from rewind.replay.said import fields
from rewind.replay.session import Session
from rewind.replay.text import CUT, REDACTED, one_line
from rewind.replay.values import Prefix, Redacted

PRINTED: Final = frozenset(STREAMS)
"""The streams that are the output: records of a log may be written to one of them as well."""
ALL_STREAMS: Final = (*STREAMS, events.LOG)
"""Whatever can be asked for by name."""


class PrintedLine(NamedTuple):
    """A line of a stream, without its end."""

    begun: Event
    """The event that wrote the beginning of it."""
    stream: str
    text: str
    ended: bool
    """Whether its end was written; what the stream says next goes on with it otherwise."""
    level: str | None = None
    """Of a record of a log."""


class Page(NamedTuple):
    """Some lines of a session."""

    lines: tuple[PrintedLine, ...]
    next: int | None
    """The event that the next page begins with; None where all was told."""


def texts(
    session: Session,
    streams: AbstractSet[str] = PRINTED,
    first: int = 1,
    last: int | None = None,
) -> Iterator[tuple[Event, str]]:
    """Yield what was written, in order, each with its event: one after the other it is the output.

    What was left out has a mark in its place. Raises `FormatError`.
    """
    kinds = frozenset(events.LOG if stream == events.LOG else events.OUTPUT for stream in streams)
    for event in session.events(EventQuery(first, last, kinds=kinds)):
        if event.kind == events.LOG or event.name in streams:
            yield event, _text(event)


def _text(event: Event) -> str:
    value = event.value
    if isinstance(value, str):
        return value
    if event.kind == events.LOG:
        return f"{fields(event).get('message', one_line(value))}\n"
    if isinstance(value, Prefix) and isinstance(value.prefix, str):
        return f"{value.prefix}{CUT}\n"
    return f"{REDACTED if isinstance(value, Redacted) else one_line(value)}\n"


def lines(
    session: Session,
    streams: AbstractSet[str] = PRINTED,
    first: int = 1,
    last: int | None = None,
) -> Iterator[PrintedLine]:
    """Yield the lines of that output in the order in which they ended; open ones come last."""
    opened: dict[str, PrintedLine] = {}
    for event, text in texts(session, streams, first, last):
        yield from _added(opened, event, text)
    yield from opened.values()


def _added(opened: dict[str, PrintedLine], event: Event, text: str) -> Iterator[PrintedLine]:
    """Yield the lines that a text ends; keep in `opened` the one that it leaves open."""
    if event.kind == events.LOG:
        level = str(fields(event).get("level"))
        yield PrintedLine(event, events.LOG, text[:-1], ended=True, level=level)
        return
    stream = event.name or ""
    line = opened.pop(stream, PrintedLine(event, stream, "", ended=False))
    *whole, rest = text.split("\n")
    for part in whole:
        yield line._replace(text=line.text + part, ended=True)
        line = PrintedLine(event, stream, "", ended=False)
    if rest:
        opened[stream] = line._replace(text=line.text + rest)


def page(
    session: Session, streams: AbstractSet[str], first: int, last: int | None, limit: int
) -> Page:
    """Return `limit` lines or a few more, as an event is told whole, from event `first` on.

    A line that the last of these events leaves open has not ended: the next page goes on with it.
    """
    found: list[PrintedLine] = []
    opened: dict[str, PrintedLine] = {}
    for event, text in texts(session, streams, first, last):
        if len(found) >= limit:
            return Page((*found, *opened.values()), event.n)
        found += _added(opened, event, text)
    return Page((*found, *opened.values()), None)
