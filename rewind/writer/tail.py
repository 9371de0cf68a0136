"""Follows one stream through its segments, from where it was stored up to the last time.

A record that a read cut in two is joined with the next read. Segments that were taken in whole are
`spent`, those that cannot be read further are `damaged`: the caller removes the ones and sets aside
the others once what was in them is committed.
"""

from collections.abc import Iterable
from pathlib import Path

from rewind.errors import FormatError
from rewind.spool.echoes import Bytes
from rewind.spool.reader import SegmentReader
from rewind.spool.segment import HEADER_SIZE, SegmentHeader, SegmentName

AMID = "it ends within a record"

_AT_ONCE = 1 << 20
"""Bytes of one read: a tenth of a second's work, after which a flush may be due."""


class Tail:
    """One stream's segments. Used by the writer's one thread; `close` releases the open file."""

    def __init__(self, folder: Path, name: SegmentName) -> None:
        self.sequence = 0
        """Of the segment being read."""
        self.offset = HEADER_SIZE
        """Of the first byte in it that was not taken in."""
        self.spent: list[Path] = []
        self.damaged: list[Path] = []
        self.name = name
        """Of its first segment."""
        self._folder = folder
        self._least = 0
        self._waiting: list[int] = []
        self._reader: SegmentReader | None = None
        self._rest = b""

    def resume(self, sequence: int, offset: int) -> None:
        """Begin at a place in a segment and not with the first one."""
        self.sequence = self._least = sequence
        self.offset = offset

    def offer(self, sequences: Iterable[int]) -> None:
        """Say which segments there are now."""
        self._waiting = sorted(sequences)

    def read(self) -> tuple[SegmentHeader, bytes] | None:
        """Return what was published and not yet taken in, or None if there is nothing new.

        Say with `take_in` how much of it was whole records. Raises `SpoolError` for a file that is
        no segment of ours, `FormatError` for one that breaks off, and `OSError`.
        """
        while (reader := self._reader or self._open()) is not None:
            piece = reader.read(_AT_ONCE)
            if piece is not None and piece.data:
                self._rest += piece.data
                return piece.header, self._rest
            # Its producer closes a segment before it makes the next one.
            if not reader.finished and self._next() is None:
                return None
            if self._rest:
                raise FormatError(AMID)
            self.spent.append(reader.path)
            self._leave()
        return None

    def segment(self) -> Bytes:
        """Return the file that was read last, in which what was read begins at `offset`."""
        return b"" if self._reader is None else self._reader.whole()

    def take_in(self, count: int) -> None:
        """Say that so many bytes of what was read need not be read again."""
        self.offset += count
        self._rest = self._rest[count:]

    @property
    def is_amid(self) -> bool:
        """Whether what was read last is only the beginning of a record."""
        return bool(self._rest)

    def give_up(self) -> None:
        """Go on to the next segment, as this one cannot be read further."""
        self.damaged.append(self._path(self.sequence))
        self._leave()

    def close(self) -> None:
        """Release the open file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _leave(self) -> None:
        self.close()
        self._rest = b""
        self._least = self.sequence + 1

    def _path(self, sequence: int) -> Path:
        return self._folder / str(self.name._replace(sequence=sequence))

    def _open(self) -> SegmentReader | None:
        sequence = self._next()
        if sequence is None:
            return None
        if sequence != self.sequence or self._least > sequence:
            self.sequence, self.offset = sequence, HEADER_SIZE
        self._least = sequence
        self._reader = SegmentReader(self._path(sequence))
        self._reader.offset = self.offset
        return self._reader

    def _next(self) -> int | None:
        """Return the first segment after the one that is open, if it is there."""
        least = self._least if self._reader is None else self.sequence + 1
        return next((n for n in self._waiting if n >= least), None)
