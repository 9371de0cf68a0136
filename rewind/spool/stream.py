"""The producing side of a stream: records go in, published bytes come out.

Never raises into a probe and never waits: who finds no room for a record counts it, or waits. What
is published survives any death of the process, because it lies in a shared file mapping.
"""

import os
import sys
from contextlib import suppress
from mmap import mmap
from os import (
    O_CLOEXEC,
    O_CREAT,
    O_EXCL,
    O_RDWR,
    close,
    ftruncate,
    getpid,
    listdir,
    pwrite,
    rename,
    stat,
    unlink,
)
from os import open as open_file
from pathlib import Path
from threading import get_ident
from typing import Final

from rewind.model.clock import monotonic_ns, perf_counter_ns, time_ns
from rewind.spool.segment import CLOSED, HEADER_SIZE, STATE_AT, SegmentHeader, SegmentName

# Bound now, as functions: a program may put something else in their place, such as a guard that
# raises where its event loop would wait for the disk.
_allocate_blocks = getattr(os, "posix_fallocate", None)
WITHIN: Final = 0
"""How a segment may be made: where the spool has room,"""
BEYOND: Final = 1
"""also where it has none,"""
ALONE: Final = 2
"""and that as small as can be, for one record: what was dropped, and that something is over."""

AMPLE: Final = 128
"""Bytes that are enough for what is known to be short."""
_LOOK_TIMES: Final = 32
"""A look at what waits is trusted for so many times as long as it took,"""
_LONGEST_TRUST_NS: Final = 1_000_000_000
"""and at most for this."""


class Folder:
    """A recording's folder as one process sees it: makes segments, within the spool's bound.

    Called by any thread that starts a segment; a process that was forked makes its own. It holds
    nothing open, so there is nothing to stop.
    """

    def __init__(
        self,
        path: Path,
        start_ticks: int,
        segment_size: int,
        max_bytes: int,
        *,
        blocks: bool = False,
    ) -> None:
        # Text and no Path: paths ask the module `os`, as it is then.
        self.name = str(path)
        self.pid = getpid()
        self.start_ticks = start_ticks
        self.segment_size = segment_size
        self.max_bytes = max_bytes
        self.gave_up = False
        """Nobody has made room for too long: records are dropped until there is some."""
        self._blocks = blocks
        self._room = 0
        self._room_until = 0

    @property
    def goes_beyond(self) -> bool:
        """Whether who finds no room may have one segment more, and then is to wait for room."""
        return self._blocks and not self.gave_up

    def create(
        self, stream: int, sequence: int, thread: int, least: int, how: int = WITHIN
    ) -> "Segment | None":
        """Return a new segment with room for a record of `least` bytes, or None if it cannot be.

        None: the spool holds `max_bytes` already, unless `how` passes over that, or the disk
        refuses. Never raises.
        """
        size = HEADER_SIZE + least
        if how != ALONE:
            size = max(self.segment_size, size)
        name = SegmentName(self.pid, self.start_ticks, stream, sequence)
        header = SegmentHeader(
            self.pid, thread, sequence, monotonic_ns(), time_ns(), stream, self.start_ticks, size
        )
        try:
            if how == WITHIN and not self._take_room(size):
                return None
            return Segment(f"{self.name}/{name}", header)
        except OSError:
            return None

    def abandon(self, stream: int, sequence: int) -> bool:
        """Close a segment that an interrupted `create` may have left; False if there is none."""
        path = f"{self.name}/{SegmentName(self.pid, self.start_ticks, stream, sequence)}"
        with suppress(OSError):
            unlink(_hidden(path))
        try:
            descriptor = open_file(path, O_RDWR | O_CLOEXEC)
        except OSError:
            return False
        try:
            pwrite(descriptor, CLOSED.to_bytes(8, "little"), STATE_AT)
        finally:
            close(descriptor)
        return True

    def _take_room(self, size: int) -> bool:
        """Take room for a segment; False if the spool has none.

        Whoever looks pays for every segment that waits, so what a look has found holds for some
        time, and for an eighth of it: others take room as well.
        """
        now = perf_counter_ns()
        if size > self._room or now > self._room_until:
            self._room = 0
            room = self.max_bytes - self.waiting_bytes() - size
            if room < 0:
                return False
            self.gave_up = False
            looked = perf_counter_ns()
            self._room = size + room // 8
            self._room_until = looked + min((looked - now) * _LOOK_TIMES, _LONGEST_TRUST_NS)
        self._room -= size
        return True

    def waiting_bytes(self) -> int:
        """Return how many bytes wait for the writer; raises `OSError`."""
        names = (name for name in listdir(self.name) if name.endswith(".seg"))
        return sum(_size(f"{self.name}/{name}") for name in names)


def _size(path: str) -> int:
    try:
        return stat(path).st_size
    except FileNotFoundError:  # the writer has just drained and removed it
        return 0


class Segment:
    """One mapped file. Used by one thread; the disk space is claimed when it is made."""

    def __init__(self, path: str, header: SegmentHeader) -> None:
        # Made under another name: a reader never meets a file without its header.
        hidden = _hidden(path)
        descriptor = open_file(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try:
            _allocate(descriptor, header.size)
            self.map = _map(descriptor, header.size)
        except BaseException:
            unlink(hidden)
            raise
        finally:
            close(descriptor)
        self.map[:HEADER_SIZE] = header.encode()
        rename(hidden, path)
        self.size = header.size
        self.ample = header.size - AMPLE
        """What ends here at most leaves `AMPLE` bytes."""
        self.end = HEADER_SIZE
        self.monotonic_ns = header.monotonic_ns
        self._view = memoryview(self.map)
        # One native 8-byte store each: a reader in another process sees the old or the new value.
        self.words = self._view[:HEADER_SIZE].cast("Q")

    def append(self, record: bytes | bytearray) -> bool:
        """Publish a record; False if it does not fit."""
        end = self.end + len(record)
        if end > self.size:
            return False
        self.map[self.end : end] = record
        self.words[1] = self.end = end
        return True

    def end_here(self) -> None:
        """Say that nothing more comes; nothing is taken any more. May be said again."""
        self.size = self.ample = 0
        self.words[STATE_AT // 8] = CLOSED

    def close(self) -> None:
        """Say that nothing more comes, and let go of the mapping."""
        self.end_here()
        self.words.release()
        self._view.release()
        self.map.close()


def _hidden(path: str) -> str:
    return f"{path.removesuffix('.seg')}.new"


def _allocate(descriptor: int, size: int) -> None:
    # A sparse file would turn a full disk into SIGBUS at a store; claim the blocks now instead.
    if _allocate_blocks is not None:
        _allocate_blocks(descriptor, 0, size)
    else:
        ftruncate(descriptor, size)


if sys.version_info >= (3, 13):

    def _map(descriptor: int, size: int) -> mmap:
        # Without a descriptor of its own: it would shift the numbers of the program's.
        return mmap(descriptor, size, trackfd=False)
else:
    _map = mmap


class Stream:
    """A thread's (or the process's own) sequence of segments.

    Called by its one thread only; the process's own stream by whoever holds the agent's lock. After
    a fork the child makes new streams and forgets these. `close` ends it; a stream that is never
    closed is drained as far as it was published.
    """

    def __init__(self, folder: Folder, number: int) -> None:
        self.folder = folder
        self.number = number
        self.thread = get_ident() if number else 0
        self.last_ns = 0
        """Monotonic clock of the last record with a time, in ns."""
        self.dropped = 0
        """Records that found no room, since the last one that did."""
        self.segment: Segment | None = None
        self._sequence = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a segment to write to."""
        return self.segment is not None

    def append(self, record: bytes | bytearray) -> bool:
        """Publish `record` in the current segment; False if there is none or it is full."""
        segment = self.segment
        return segment is not None and segment.append(record)

    def advance(self, least: int, how: int = WITHIN) -> bool:
        """Close the current segment and open the next with room for `least` bytes.

        False if none can be had; the stream then has no segment and `append` refuses until
        another `advance` succeeds.
        """
        self.close()
        number, folder = self._sequence, self.folder
        try:
            segment = folder.create(self.number, number, self.thread, least, how)
        except BaseException:
            # The program's, out of a signal's handler. No two segments have one number.
            self._sequence += self.folder.abandon(self.number, self._sequence)
            raise
        if segment is None:
            return False
        self._sequence += 1
        self.segment = segment
        self.last_ns = segment.monotonic_ns
        return True

    def close(self) -> None:
        """Close the current segment; the stream is whole.

        A signal's handler may raise at any of these steps: what remains is done the next time.
        """
        segment = self.segment
        if segment is not None:
            segment.end_here()
            self.segment = None
            segment.close()
