"""The consuming side of the spool: what each stream has published since the last look.

Reads only what its producer has published, and removes nothing by itself.
"""

import os
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import unpack_from
from typing import NamedTuple

from rewind.errors import FormatError, SpoolError
from rewind.spool.segment import (
    CLOSED,
    HEADER_SIZE,
    PUBLISHED_AT,
    SegmentHeader,
    SegmentName,
    decode_header,
)


class Piece(NamedTuple):
    """Whole records of one segment, newly published."""

    header: SegmentHeader
    offset: int
    """Where `data` begins in the file; `HEADER_SIZE` for a segment's first piece."""
    data: bytes
    finished: bool
    """The segment is closed and this is its last piece."""


class SegmentReader:
    """Reads one segment as it grows. One consumer, one thread; close it to release the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        header = decode_header(self._file.read(HEADER_SIZE))
        if header is None:
            self._file.close()
            message = f"{path} is not a segment of this version of Rewind"
            raise SpoolError(message)
        self.header = header
        self.offset = HEADER_SIZE
        self.finished = False
        self._map: mmap | None = None

    def read(self, limit: int = 1 << 22) -> Piece | None:
        """Return what was published since the last call, about `limit` bytes at most, or None.

        A limit below what is published may cut a record in two: the caller joins the pieces.
        Raises `FormatError` where the file ends before what is published, after all that is there.
        """
        published, state = self._state()
        end = min(published, self.offset + limit)
        finished = state == CLOSED and end == published
        if end == self.offset and (not finished or self.finished):
            return None
        data = os.pread(self._file.fileno(), end - self.offset, self.offset)
        if len(data) < end - self.offset:
            if not data:
                message = f"the file ends at byte {self.offset} of {published} that were published"
                raise FormatError(message)
            finished = False
        piece = Piece(self.header, self.offset, data, finished)
        self.offset += len(data)
        self.finished = finished
        return piece

    def _state(self) -> tuple[int, int]:
        # State first: a segment closed before `published` was read has nothing more to say.
        raw = os.pread(self._file.fileno(), 8, PUBLISHED_AT + 8)
        (state,) = unpack_from("<Q", raw)
        (published,) = unpack_from("<Q", os.pread(self._file.fileno(), 8, PUBLISHED_AT))
        return published, state

    def whole(self) -> mmap:
        """Return the file's bytes, of which only those that were read mean anything."""
        if self._map is None:
            self._map = mmap(self._file.fileno(), 0, access=ACCESS_READ)
        return self._map

    def close(self) -> None:
        """Release the file."""
        if self._map is not None:
            self._map.close()
        self._file.close()


def segments(folder: Path) -> Iterator[tuple[SegmentName, Path]]:
    """Yield the segments in a recording's folder, in the order of reading within each stream."""
    for known, name in _listed(folder):
        yield known, folder / name


def segment_names(folder: Path) -> Iterator[SegmentName]:
    """Yield the names of the same, for less: there may be thousands, which are looked for often."""
    for known, _ in _listed(folder):
        yield known


def _listed(folder: Path) -> list[tuple[SegmentName, str]]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    found = ((SegmentName.parse(name), name) for name in names)
    return sorted((known, name) for known, name in found if known is not None)
