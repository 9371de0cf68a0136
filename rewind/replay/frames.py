"""Frames of a recorded call stack and the writes of their variables, as values that never change.

The fold makes a new `Frame` for every event and shares the rest, so the stack at any event of a
chunk is one reference, and keeping all of them costs no more than the events themselves.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from rewind.replay.sites import Place


class Absence(Enum):
    """Stands for a value where there is none."""

    DELETED = "deleted"


DELETED: Final = Absence.DELETED


class Write(NamedTuple):
    """One write of a variable; `earlier` leads to all writes of the frame before it."""

    name: str
    n: int
    """Number of the event that wrote."""
    place: Place
    value: object
    """As recorded, or `DELETED`."""
    earlier: "Write | None"


class Frame(NamedTuple):
    """A frame at one event. Its number is that of the event that opened it."""

    number: int
    opened: Place
    latest: Place
    """Place of the frame's latest event."""
    handle: int | None
    """Of a generator or coroutine: what names it when it is resumed."""
    writes: Write | None
    depth: int
    """1 for the outermost; 0 while it is suspended."""
    below: "Frame | None"
    """Its caller's frame, as far as that is recorded."""
    called_at: int
    """The caller's line as it called or resumed this frame; 0 where that is not known."""


class Variable(NamedTuple):
    """A variable's latest write, and the one that it replaced."""

    name: str
    n: int
    place: Place
    value: object
    previous: "Variable | None"
    """None for the first write that is known, and for the first after a deletion."""


def stack_of(top: Frame | None) -> Iterator[Frame]:
    """Yield the frames from `top` to the outermost."""
    while top is not None:
        yield top
        top = top.below


def writes_of(frame: Frame) -> Iterator[Write]:
    """Yield what is known of the frame's writes, the latest first."""
    write = frame.writes
    while write is not None:
        yield write
        write = write.earlier


def variables_of(frame: Frame) -> tuple[Variable, ...]:
    """Return the frame's variables in the order of their first writes."""
    latest: dict[str, Variable] = {}
    for name, n, place, value, _ in reversed(tuple(writes_of(frame))):
        if value is DELETED:
            latest.pop(name, None)
        else:
            latest[name] = Variable(name, n, place, value, latest.get(name))
    return tuple(latest.values())
