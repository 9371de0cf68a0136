"""Says where a program stands and what it has, so that a recording of it can be held against that.

A source that is recorded writes `where = here()` or `truth = known(locals())`: the value of that
variable is the truth, and what the recording has at that event has to be the same.

Test support only; it checks nothing by itself.
"""

import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import NamedTuple

from rewind.model.events import Control
from tests.spool_reading import Event, Record, Spool


def here() -> str:
    """Return the qualified names of the calling file's frames, outermost first."""
    frame: FrameType | None = sys._getframe(1)
    assert frame is not None
    path = frame.f_code.co_filename
    names = []
    while frame is not None:
        if frame.f_code.co_filename == path:
            names.append(frame.f_code.co_qualname)
        frame = frame.f_back
    return " > ".join(reversed(names))


_SCALARS = (int, str, bool, type(None))


def known(variables: dict[str, object]) -> str:
    """Return the names, and the values of those that a literal can say."""
    told = {name: value for name, value in variables.items() if _is_flat(value)}
    # What was noted before would be quoted in it, and in that what was noted before.
    told.pop("truth", None)
    return repr(told)


def _is_flat(value: object) -> bool:
    if type(value) is list:
        return all(type(item) in _SCALARS for item in value)
    if type(value) is dict:
        return all(type(item) in _SCALARS for pair in value.items() for item in pair)
    return type(value) in _SCALARS


class Stood(NamedTuple):
    """One event of a variable `where`."""

    kind: str
    """What kind of session it is in."""
    truth: str
    recorded: str


class _Open(NamedTuple):
    function: str
    handle: int
    """0 of a plain frame."""


@dataclass
class _Stack:
    """The frames of one session."""

    kind: str
    open: list[_Open] = field(default_factory=list)
    away: dict[int, _Open] = field(default_factory=dict)
    """By handle."""

    @property
    def told(self) -> str:
        return " > ".join(frame.function for frame in self.open)

    def event(self, event: Event) -> None:
        if event.kind == "call":
            resumable = len(event.payload) > event.parameters + 1
            self.open.append(_Open(event.function, event.payload[0] if resumable else 0))
        elif event.kind == "resume":
            if not self.open or self.open[-1].handle != event.payload[0]:
                self.open.append(_Open(event.function, event.payload[0]))
        elif event.kind == "yield":
            self.suspend(self.open[-1].handle)
        elif event.kind == "return" or (event.kind == "exception" and event.detail == "exit"):
            self.open.pop()

    def control(self, record: Record) -> None:
        (first, *_) = record.rest
        if record.control == Control.SUSPEND:
            self.suspend(first)
        elif record.control == Control.UNWIND:
            del self.open[len(self.open) - first :]
        elif record.control == Control.REENTER and first in self.away:
            self.open.append(self.away.pop(first))

    def suspend(self, handle: int) -> None:
        handles = [frame.handle for frame in self.open]
        if handle in handles:
            place = handles.index(handle)
            self.away.update((frame.handle, frame) for frame in self.open[place:])
            del self.open[place:]


def stood(spool: Spool) -> list[Stood]:
    """Return what was noted and what is recorded, at each event of a variable `where`."""
    stacks = {one["key"]: _Stack(one["kind"]) for one in spool.sessions}
    found = []
    for one in spool.records:
        stack = stacks[one.session]
        if isinstance(one, Record):
            stack.control(one)
        else:
            stack.event(one)
            if one.kind == "variable" and one.name == "where":
                found.append(Stood(stack.kind, one.values[0], stack.told))
    return found
