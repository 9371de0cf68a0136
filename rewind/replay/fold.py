"""The fold: from a keyframe and the records after it to the call stack at every event.

The rules are those of `docs/format.md`, section 2. `Fold` is fed records in order and gives, for
each event, the stack that includes the frame the event belongs to; a frame that an event closes is
gone with the next record. It reads no database, and leaves it to the chunk to say where a record
that does not follow the format came from.
"""

from typing import Any, Final

from rewind.model import events
from rewind.model.events import Control
from rewind.replay.frames import DELETED, Frame, Write
from rewind.replay.sites import PAYLOAD_AT, Place, Places

EXIT: Final = "exit"
"""Detail of an `exception` site by which the frame leaves the stack."""
_LINE_AT: Final = 5
"""Where a keyframe's frame has the line that it was called from."""

Record = tuple[Any, ...]
"""A record as msgpack gives it: nothing is known of its elements before they are used."""

_LEAVING: Final = frozenset((events.RETURN, events.YIELD))
_new: Final = tuple.__new__


class Fold:
    """Call stack and suspended frames between two records. Fed by one thread, and then dropped."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.top: Frame | None = None
        self.suspended: dict[int, Frame] = {}

    def restore(self, keyframe: dict[str, list[Record]]) -> None:
        """Start from a keyframe instead of an empty stack."""
        for entry in keyframe["stack"]:
            self._push(self._restored(entry))
        for entry in keyframe["suspended"]:
            self._keep(self._restored(entry))

    def control(self, record: Record) -> None:
        """Apply a control record; one that does not touch the stack changes nothing."""
        if record[0] == Control.SUSPEND:
            self._suspend(record[1])
        elif record[0] == Control.REENTER:
            self._reenter(record[1])
        elif record[0] == Control.UNWIND:
            self._unwind(record[1])

    def event(self, n: int, place: Place, record: Record) -> Frame | None:
        """Apply event `n`, whose site is at `place`, and return the top of the stack at it.

        An event whose function is not the top frame's leaves the stack alone.
        """
        kind = place.site.kind
        if kind == events.CALL:
            self._push(_called(n, place, record))
        elif kind == events.RESUME:
            self._resume(n, place, record)
        if self.top is None or self.top.opened.scope is not place.scope:
            return self.top
        shown = self.top = _touched(self.top, n, place, record)
        if kind in _LEAVING or (kind == events.EXCEPTION and place.site.detail == EXIT):
            self.top = shown.below
            if kind == events.YIELD:
                self._keep(shown)
        return shown

    def _restored(self, entry: Record) -> Frame:
        number, opened, handle, latest, variables = entry[:5]
        if type(number) is not int:
            message = "a frame's number is no integer"
            raise TypeError(message)
        writes: Write | None = None
        for name, n, site, value in variables:
            if type(name) is not str or type(n) is not int:
                message = "a variable's name or event is not written as it should be"
                raise TypeError(message)
            writes = Write(name, n, self._places[site], value, writes)
        line = _line_in(entry, _LINE_AT)
        places = self._places
        return Frame(number, places[opened], places[latest], handle, writes, 0, None, line)

    def _push(self, frame: Frame) -> None:
        number, opened, latest, handle, writes, _, _, line = frame
        depth = self.top.depth + 1 if self.top is not None else 1
        self.top = Frame(number, opened, latest, handle, writes, depth, self.top, line)

    def _keep(self, frame: Frame) -> None:
        number, opened, latest, handle, writes, _, _, _ = frame
        if handle is not None:
            self.suspended[handle] = Frame(number, opened, latest, handle, writes, 0, None, 0)

    def _resume(self, n: int, place: Place, record: Record) -> None:
        handle, line = record[PAYLOAD_AT], _line_in(record, PAYLOAD_AT + 2)
        if not self._reenter(handle):
            self._push(Frame(n, place, place, handle, None, 0, None, line))
        elif self.top is not None:
            self.top = self.top._replace(called_at=line or self.top.called_at)

    def _reenter(self, handle: int) -> bool:
        suspended = self.suspended.pop(handle, None)
        if suspended is not None:
            self._push(suspended)
            return True
        standing = self._standing(handle)
        if standing is not None:
            # It never left; whatever lies above it has ended without saying so.
            self.top = standing
        return standing is not None

    def _standing(self, handle: int) -> Frame | None:
        frame = self.top
        while frame is not None and frame.handle != handle:
            frame = frame.below
        return frame

    def _suspend(self, handle: int) -> None:
        last = self._standing(handle)
        if last is None:
            return
        while self.top is not None and self.top is not last.below:
            self._keep(self.top)
            self.top = self.top.below

    def _unwind(self, count: int) -> None:
        for _ in range(count):
            if self.top is None:
                return
            self.top = self.top.below


def _called(n: int, place: Place, record: Record) -> Frame:
    handle, first = None, PAYLOAD_AT
    if place.scope.is_resumable:
        handle, first = record[PAYLOAD_AT], PAYLOAD_AT + 1
    parameters = place.scope.function.parameters
    writes: Write | None = None
    for name, value in zip(parameters, record[first:], strict=False):
        writes = Write(name, n, place, value, writes)
    line = _line_in(record, first + len(parameters))
    return Frame(n, place, place, handle, writes, 0, None, line)


def _line_in(record: Record, at: int) -> int:
    """Return the caller's line where the record tells it."""
    return record[at] if len(record) > at and type(record[at]) is int else 0


def _touched(frame: Frame, n: int, place: Place, record: Record) -> Frame:
    """Return the frame with this event as its latest, and with what the event wrote."""
    number, opened, latest, handle, writes, depth, below, line = frame
    _, _, site, _, written = place
    # Once for each event that is read: `Frame(...)` itself would take twice as long.
    if written is not None:
        writes = _new(Write, (written, n, place, record[PAYLOAD_AT], writes))
    elif site.kind == events.EXCEPTION:
        if record[PAYLOAD_AT + 1] == 0:
            # Its traceback knows no line of this frame.
            place = latest
    elif site.kind == events.DELETE and site.name is not None and len(record) == PAYLOAD_AT:
        writes = Write(site.name, n, place, DELETED, writes)
    return _new(Frame, (number, opened, place, handle, writes, depth, below, line))
