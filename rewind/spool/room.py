"""Waiting for room in a full spool, where `on_full = "block"` asks for it.

A thread that finds no room is given one segment beyond the bound, so that its record is written and
nothing is in the middle of anything; then it waits here, before it goes on. No wait is without end:
a database that the recorded program itself keeps from answering would otherwise stop both for good.
"""

from os import O_CLOEXEC, O_RDONLY, close, listdir, pread
from os import open as open_file
from time import sleep
from typing import Final

from rewind.model.clock import monotonic
from rewind.spool.lock import has_writer
from rewind.spool.segment import CLOSED, STATE_AT, SegmentName
from rewind.spool.stream import Folder

WITHOUT_WRITER_S: Final = 10.0
"""How long to wait where no writer is at work: one that begins takes seconds to come up."""
LONGEST_S: Final = 600.0
"""How long to wait for a writer that makes no room."""
_PAUSE_S: Final = 0.005
_SLOWER: Final = 1.25
_LONGEST_PAUSE_S: Final = 0.1
_LOOK_TIMES: Final = 8
"""A pause is so many times as long as the look before it: that goes through every segment."""


def wait_for_room(folder: Folder) -> None:
    """Wait until no more waits in the spool than its bound, or until it took too long.

    Called by the thread that is to wait, which may be any; it lets go of the interpreter's lock,
    and what a signal's handler raises passes through. Where it ends without room, `folder` has
    given up, so that nobody waits again before there is some: a program that was told to end does.
    """
    try:
        folder.gave_up = not _waited(folder)
    except BaseException:
        folder.gave_up = True
        raise


def _waited(folder: Folder) -> bool:
    """Return whether there was room in time."""
    began = seen = monotonic()
    pause = _PAUSE_S
    while True:
        looked = monotonic()
        if _has_room(folder):
            return True
        if has_writer(folder.name):
            seen = looked
        if looked - seen > WITHOUT_WRITER_S or looked - began > LONGEST_S:
            return False
        pause = min(pause * _SLOWER, _LONGEST_PAUSE_S)
        sleep(max(pause, (monotonic() - looked) * _LOOK_TIMES))


def _has_room(folder: Folder) -> bool:
    """Whether to wait is over: there is room, or as much of it as a writer can make."""
    try:
        return folder.waiting_bytes() <= folder.max_bytes or _is_drained(folder)
    except OSError:
        # Nobody will find anything in a folder that is gone.
        return True


def _is_drained(folder: Folder) -> bool:
    """Whether all that waits is what somebody still writes to: a bound for so many is too low."""
    found = [name for name in map(SegmentName.parse, listdir(folder.name)) if name is not None]
    streams = {name[:3] for name in found}
    return len(streams) == len(found) and not any(_is_closed(folder, name) for name in found)


def _is_closed(folder: Folder, name: SegmentName) -> bool:
    try:
        descriptor = open_file(f"{folder.name}/{name}", O_RDONLY | O_CLOEXEC)
    except OSError:
        return False
    try:
        return int.from_bytes(pread(descriptor, 8, STATE_AT), "little") == CLOSED
    finally:
        close(descriptor)
