"""The state of a session at its latest event: open frames, suspended frames, last writes.

Folded forward event by event, so that each chunk can begin with a keyframe. Values stay the bytes
they came as; nothing of the user's is decoded here but the identity of an exception.

A frame is a list, for it changes with every event; the constants below name its elements.
"""

from typing import Any, Final, NamedTuple

from msgpack import OutOfData, StackError, Unpacker

from rewind.model.values import Tag
from rewind.writer.records import read_head, read_integer, read_unsigned

NUMBER: Final = 0
"""Of the event that opened the frame here."""
SITE: Final = 1
"""Of that event."""
HANDLE: Final = 2
"""Of a resumable frame; else None."""
LAST: Final = 3
"""Site of the frame's latest event."""
VARIABLES: Final = 4
"""Name to the latest write: event number, site, value."""
FUNCTION: Final = 5
ARGUMENTS: Final = 6
"""A call's payload after the handle, not yet taken apart; None once it was."""
CALLER: Final = 7
"""Line that it was called or resumed from, 0 where that is not known; None: among the arguments."""

Frame = list[Any]

SUSPENDED_KEPT = 10_000
"""Generators that are dropped half-way never come back, and nothing says so: the longest suspended
frames are forgotten beyond this many. One that resumes all the same begins a new frame."""


_MISSING = "a value is missing"
_NO_HANDLE = "a handle is no integer"


class FrameFunction:
    """A function as frames know it: compared by identity."""

    __slots__ = ("called", "parameters")

    def __init__(self, parameters: tuple[str, ...], called: tuple[str, str]) -> None:
        self.parameters = parameters
        self.called = called
        """Its module and its qualified name."""


class Raised(NamedTuple):
    """An exception, and the event at which it was first seen."""

    identity: int | None
    n: int


class CallStack:
    """One session's frames. The first of `frames` is a floor that no event can match."""

    __slots__ = ("frames", "raised", "suspended")

    def __init__(self) -> None:
        self.frames: list[Frame] = [[0, 0, None, 0, {}, FrameFunction((), ("", "")), None, 0]]
        self.suspended: dict[int, Frame] = {}
        self.raised: Raised | None = None

    @property
    def open_frames(self) -> list[Frame]:
        """The frames on the stack, outermost first."""
        return self.frames[1:]

    def set_aside(self, frames: list[Frame]) -> None:
        """Keep those of the frames that can be resumed; nobody is their caller until then."""
        kept: dict[int, Frame] = {}
        for frame in frames:
            if frame[HANDLE] is not None:
                frame[CALLER] = 0
                # Should a handle stand there twice, the lower frame is kept, as by a reader.
                kept.setdefault(frame[HANDLE], frame)
        self.suspended |= kept
        if len(self.suspended) > SUSPENDED_KEPT:
            del self.suspended[next(iter(self.suspended))]

    def suspend(self, handle: int) -> None:
        """Take the frame of that handle, and what lies above it, off the stack."""
        place = self._find(handle)
        if place:
            self.set_aside(self.frames[place:])
            del self.frames[place:]

    def unwind(self, count: int) -> None:
        """Take that many frames off the top; they do not come back."""
        del self.frames[max(1, len(self.frames) - count) :]

    def bring_back(self, handle: int) -> Frame | None:
        """Put the frame of that handle on top, wherever it was, and return it; None: not known."""
        frame = self.suspended.pop(handle, None)
        if frame is None:
            place = self._find(handle)
            if not place:
                return None
            frame = self.frames[place]
            del self.frames[place:]
        self.frames.append(frame)
        return frame

    def _find(self, handle: int) -> int:
        for place in range(len(self.frames) - 1, 0, -1):
            if self.frames[place][HANDLE] == handle:
                return place
        return 0


def variables(frame: Frame) -> dict[str, tuple[int, int, bytes]]:
    """Return the frame's latest writes, arguments among them, in the order of first writes."""
    payload = frame[ARGUMENTS]
    if payload is not None:
        frame[ARGUMENTS] = None
        values = split(payload)
        names = frame[FUNCTION].parameters
        number, site = frame[NUMBER], frame[SITE]
        arguments = {
            name: (number, site, value) for name, value in zip(names, values, strict=False)
        }
        frame[VARIABLES] = arguments | frame[VARIABLES]
        if frame[CALLER] is None:
            frame[CALLER] = _line(values[len(names)]) if len(values) > len(names) else 0
    written: dict[str, tuple[int, int, bytes]] = frame[VARIABLES]
    return written


def called_from(frame: Frame) -> int:
    """Return the line that the frame was called or resumed from; 0 where that is not known."""
    variables(frame)
    line: int = frame[CALLER]
    return line


def split(payload: bytes) -> list[bytes]:
    """Return the values of a payload, each still encoded, up to one that no reader takes."""
    unpacker = Unpacker(max_buffer_size=0)
    unpacker.feed(payload)
    parts, start = [], 0
    while start < len(payload):
        try:
            unpacker.skip()
        except StackError:
            # An echo of an echo, and so on: what was read as whole was none of them in the others.
            break
        end = unpacker.tell()
        parts.append(payload[start:end])
        start = end
    return parts


def handle_of(payload: bytes) -> tuple[int, int]:
    """Return the handle that a payload begins with, and where it ends; raises `ValueError`."""
    if not payload:
        raise ValueError(_MISSING)
    try:
        return read_integer(payload, 0)
    except ValueError:
        raise ValueError(_NO_HANDLE) from None


def resumption(payload: bytes) -> tuple[int, int]:
    """Return a resumption's handle and the line it came from; raises `ValueError`."""
    handle, at = handle_of(payload)
    unpacker = Unpacker(max_buffer_size=0)
    unpacker.feed(payload[at:])
    try:
        unpacker.skip()
    except OutOfData:
        raise ValueError(_MISSING) from None
    return handle, _line(payload[at + unpacker.tell() :])


def identity_of(payload: bytes) -> int | None:
    """Return the identity of the exception that a payload begins with; None for anything else.

    Raises `ValueError` where there is nothing.
    """
    if not payload:
        raise ValueError(_MISSING)
    try:
        tag, at = read_head(payload, 0)
        return read_integer(payload, at)[0] if tag == Tag.EXCEPTION else None
    except (ValueError, IndexError):
        return None


def _line(value: bytes) -> int:
    try:
        return read_unsigned(value, 0)[0]
    except (ValueError, IndexError):
        return 0
