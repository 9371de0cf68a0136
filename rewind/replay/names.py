"""What the names of an expression stand for at an event: variables of a frame, then of its module.

Asked at many events in a row, so what was found of a frame is kept: a frame's writes are a list
that only grows, and what is new of it is looked at once.
"""

from typing import Final

from rewind.replay.changes import Changes, can_change
from rewind.replay.current import SharedWrites
from rewind.replay.events import Event
from rewind.replay.frames import DELETED, Frame, Write, stack_of
from rewind.replay.operations import Unanswerable
from rewind.replay.session import Session
from rewind.replay.sites import MODULE_BODY
from rewind.replay.values import Value, parse

KEPT_FRAMES: Final = 256


class Names:
    """Gives values to names at one event after the other, in rising order; for one thread."""

    def __init__(self, session: Session, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._changes = Changes(session)
        self._shared = SharedWrites(session)
        self._frames: dict[int, tuple[Write | None, dict[str, Write]]] = {}
        self._event: Event | None = None
        self._frame: Frame | None = None
        self.since: int | None = None
        """Event as of which a value is told, where what became of it since was not looked up."""

    def at(self, event: Event, frame: Frame | None) -> None:
        """From now on names are those of that frame of the event's stack."""
        self._event, self._frame, self.since = event, frame, None

    def __call__(self, name: str) -> Value:
        """Return the value of a variable; raises `Unanswerable` where it has none."""
        for frame in self._scopes():
            write = self._latest(frame, name)
            if write is not None and write.value is not DELETED:
                return self._value(write)
        why = f"{name} has no value here"
        raise Unanswerable(why)

    def _latest(self, frame: Frame, name: str) -> Write | None:
        """Return the last write of a variable, by the frame itself or by another function."""
        write = self._writes(frame).get(name)
        if self._event is None:
            return write
        since = 0 if write is None else write.n
        newer, sure = self._shared.newest(frame, name, since, self._event)
        latest = newer or write
        if not sure and latest is not None:
            self._tell(latest.n)
        return latest

    def _tell(self, since: int) -> None:
        self.since = since if self.since is None else min(self.since, since)

    def _value(self, write: Write) -> Value:
        value = parse(write.value)
        if self._event is None or not can_change(write.value):
            return value
        if not self._changes.cover(write.n, self._event.n):
            self._tell(write.n)
            return value
        return self._changes.current(value, write.n)

    def _scopes(self) -> tuple[Frame, ...]:
        """Return the frame, and that of its module's body while it still runs."""
        frame = self._frame
        if frame is None or self._event is None:
            return ()
        module = frame.opened.scope.module
        bodies = (
            below
            for below in stack_of(frame.below)
            if below.opened.scope.function.qualname == MODULE_BODY
            and below.opened.scope.module is module
        )
        return (frame, *bodies)

    def _writes(self, frame: Frame) -> dict[str, Write]:
        seen, known = self._frames.get(frame.number, (None, {}))
        fresh: dict[str, Write] = {}
        write = frame.writes
        while write is not None and write is not seen:
            if write.name in self._wanted:
                fresh.setdefault(write.name, write)
            write = write.earlier
        # Without what was seen before, this is another chunk's list, which begins anew.
        known = {**known, **fresh} if write is not None else fresh
        if len(self._frames) >= KEPT_FRAMES:
            self._frames.clear()
        self._frames[frame.number] = (frame.writes, known)
        return known


def frame_at(event: Event, number: int | None) -> Frame | None:
    """Return the frame of that number on the event's stack, or else the event's own."""
    for frame in stack_of(event.top):
        if frame.number == number:
            return frame
    return event.top if event.frame is None else event.frame
