"""The producing side of a stream: records go in, published bytes come out.

Never raises into a probe and never waits: a record that cannot be stored is counted and gone.
What is published survives any death of the process, because it lies in a shared file mapping.
"""

import os
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
    rename,
    stat,
    unlink,
)
from os import open as open_file
from pathlib import Path
from threading import get_ident
from time import monotonic_ns, time_ns

from rewind.spool.segment import CLOSED, HEADER_SIZE, SegmentHeader, SegmentName

# Bound now, as functions: a program may put something else in their place, such as a guard that
# raises where its event loop would wait for the disk.
_allocate_blocks = getattr(os, "posix_fallocate", None)


class Folder:
    """A recording's folder as one process sees it: makes segments, within the spool's bound.

    Called by any thread that starts a segment; a process that was forked makes its own. It holds
    nothing open, so there is nothing to stop.
    """

    def __init__(self, path: Path, start_ticks: int, segment_size: int, max_bytes: int) -> None:
        # Text and no Path: paths ask the module `os`, as it is then.
        self.name = str(path)
        self.pid = getpid()
        self.start_ticks = start_ticks
        self.segment_size = segment_size
        self.max_bytes = max_bytes

    def create(self, stream: int, sequence: int, thread: int, least: int) -> "Segment | None":
        """Return a new segment with room for a record of `least` bytes, or None if it cannot be.

        None: the spool holds `max_bytes` already, or the disk refuses. Never raises.
        """
        size = max(self.segment_size, HEADER_SIZE + least)
        name = SegmentName(self.pid, self.start_ticks, stream, sequence)
        header = SegmentHeader(
            self.pid, thread, sequence, monotonic_ns(), time_ns(), stream, self.start_ticks, size
        )
        try:
            if self._waiting_bytes() + size > self.max_bytes:
                return None
            return Segment(f"{self.name}/{name}", header)
        except OSError:
            return None

    def _waiting_bytes(self) -> int:
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
        hidden = f"{path.removesuffix('.seg')}.new"
        descriptor = open_file(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try:
            _allocate(descriptor, header.size)
            self.map = mmap(descriptor, header.size)
        except BaseException:
            unlink(hidden)
            raise
        finally:
            close(descriptor)
        self.map[:HEADER_SIZE] = header.encode()
        rename(hidden, path)
        self.size = header.size
        self.end = HEADER_SIZE
        self.monotonic_ns = header.monotonic_ns
        self._view = memoryview(self.map)
        # One native 8-byte store each: a reader in another process sees the old or the new value.
        self._words = self._view[:HEADER_SIZE].cast("Q")

    def append(self, record: bytes | bytearray) -> bool:
        """Publish a record; False if it does not fit."""
        end = self.end + len(record)
        if end > self.size:
            return False
        self.map[self.end : end] = record
        self._words[1] = self.end = end
        return True

    def close(self) -> None:
        """Say that nothing more comes, and let go of the mapping."""
        self._words[2] = CLOSED
        self._words.release()
        self._view.release()
        self.map.close()


def _allocate(descriptor: int, size: int) -> None:
    # A sparse file would turn a full disk into SIGBUS at a store; claim the blocks now instead.
    if _allocate_blocks is not None:
        _allocate_blocks(descriptor, 0, size)
    else:
        ftruncate(descriptor, size)


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
        self.published = 0
        """Bytes published so far, over all segments."""
        self.dropped = 0
        """Records that found no room, since the last one that did."""
        self._segment: Segment | None = None
        self._sequence = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a segment to write to."""
        return self._segment is not None

    def append(self, record: bytes | bytearray) -> bool:
        """Publish `record` in the current segment; False if there is none or it is full."""
        segment = self._segment
        if segment is not None and segment.append(record):
            self.published += len(record)
            return True
        return False

    def advance(self, least: int) -> bool:
        """Close the current segment and open the next with room for `least` bytes.

        False if none can be had; the stream then has no segment and `append` refuses until
        another `advance` succeeds.
        """
        if self._segment is not None:
            self._segment.close()
            self._segment = None
        segment = self.folder.create(self.number, self._sequence, self.thread, least)
        if segment is None:
            return False
        self._sequence += 1
        self._segment = segment
        self.last_ns = segment.monotonic_ns
        return True

    def close(self) -> None:
        """Close the current segment; the stream is whole."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None
