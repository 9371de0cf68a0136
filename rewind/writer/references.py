"""References: echoes of a segment become them where a node lies in the open chunk already.

The twin of `rewind/writer/native/references.c`. What a chunk holds of a segment it holds as it was,
but for its echoes, so it is known where each node lies that was taken in; one that is not in the
chunk is written out where it is echoed first.
"""

from bisect import bisect_right
from typing import NamedTuple

from rewind.model.elements import ECHO, EXTENSION, REFERENCE, STAND_IN_SIZE, is_array
from rewind.spool.echoes import (
    ASTRAY,
    MOST_BYTES,
    MOST_DEPTH,
    TOO_DEEP,
    TOO_LARGE,
    Bytes,
    stand_ins,
)
from rewind.spool.segment import HEADER_SIZE
from rewind.store.references import MOST_BYTES as MOST_REFERRED

_FARTHEST = (1 << 32) - 1


class _Node(NamedTuple):
    """A node that was echoed."""

    here: int
    """Where it lies in the chunk."""
    size: int
    """Bytes that it takes there."""
    whole: int
    """Bytes that it stands for."""
    height: int
    """Echoes within echoes, its own being the first."""


class References:
    """Where nodes of a segment lie in the open chunk. Used by the writer's one thread."""

    def __init__(self) -> None:
        self._segment: Bytes = b""
        self._used = 0
        """Bytes of the chunk."""
        self._referred = 0
        """Bytes that its references stand for."""
        self._nodes: dict[bytes, _Node] = {}
        self._at: list[int] = []
        self._here: list[int] = []
        self._end: list[int] = []
        """Stretches of the segment that lie in the chunk as they are, in order."""
        self._out = bytearray()
        self._begun = 0
        self._whole = 0
        self._is_stretch = True
        self._is_measured = False

    def clear(self) -> None:
        """Forget where anything lies."""
        self._nodes, self._at, self._here, self._end = {}, [], [], []

    def begin_chunk(self) -> None:
        """Forget all: another chunk is open, and nothing in it."""
        self.clear()
        self._used = self._referred = 0

    def look_at(self, segment: Bytes | None) -> None:
        """Say which file is read now, if any; what lies where of another is forgotten."""
        if self._segment is not segment:
            self.clear()
            self._segment = segment or b""

    def note(self, taken: int, at: int, size: int) -> None:
        """Say that so many bytes were added to the chunk.

        The last of them lie like that in the segment, but for echoes: so many, from `at` on.
        """
        self._used += taken
        here = self._used - size
        if self._at and self._end[-1] == at and self._here[-1] - self._at[-1] == here - at:
            self._end[-1] += size
        elif size:
            self._at.append(at)
            self._here.append(here)
            self._end.append(at + size)

    def refer(self, data: bytes, end: int, before: int) -> tuple[bytes, bool]:
        """Return the payload of a record that begins at `end`, as it goes into the chunk.

        It is to stand there behind so many bytes more. And whether it is as it was but for the
        echoes, as none of their nodes was written out. Raises `ValueError` for what is damage in a
        segment.
        """
        self._out, self._begun = bytearray(), self._used + before
        self._whole = 0
        self._is_stretch = True
        self._write(data, end, MOST_DEPTH)
        return bytes(self._out), self._is_stretch

    def _write(self, data: bytes, end: int, depth: int) -> int:
        """Write elements; returns how many echoes lie within one another."""
        copied = height = 0
        for at in stand_ins(data, is_node=depth < MOST_DEPTH):
            if data[at + 1] == REFERENCE:
                raise ValueError(ASTRAY)
            if data[at + 1] == ECHO:
                self._append(data[copied:at])
                copied = at + STAND_IN_SIZE
                height = max(height, self._put_echo(data[at + 2 : copied], end, depth - 1))
        self._append(data[copied:])
        return height

    def _put_echo(self, place: bytes, end: int, depth: int) -> int:
        at, size = int.from_bytes(place[:4]), int.from_bytes(place[4:])
        if at < HEADER_SIZE or not 0 < size <= end - at:
            raise ValueError(ASTRAY)
        node = self._nodes.get(place)
        if node is None:
            if self._is_measured or not is_array(self._segment[at]):
                raise ValueError(ASTRAY)
            if depth == 0:
                raise ValueError(TOO_DEEP)
            here = self._place_of(at, size)
            if here is None:
                node = self._nodes[place] = self._write_out(at, size, depth)
                return node.height
            node = self._nodes[place] = self._measured(at, size, here, depth)
        if node.height > depth:
            raise ValueError(TOO_DEEP)
        if not self._put_reference(node):
            self._write_out(at, size, depth)
        return node.height

    def _write_out(self, at: int, size: int, depth: int) -> _Node:
        here, whole = len(self._out), self._whole
        self._is_stretch = False
        height = self._write(self._segment[at : at + size], at, depth)
        return _Node(self._begun + here, len(self._out) - here, self._whole - whole, height + 1)

    def _measured(self, at: int, size: int, here: int, depth: int) -> _Node:
        """Return a node that lies in the chunk, as a part of what was copied."""
        before = self._whole
        self._whole, self._is_measured = 0, True
        try:
            height = self._write(self._segment[at : at + size], at, depth)
            return _Node(here, size, self._whole, height + 1)
        finally:
            self._is_measured = False
            self._whole = before

    def _put_reference(self, node: _Node) -> bool:
        """Write a reference, unless there are too many already or it were too far away."""
        distance = self._begun + len(self._out) - node.here
        fits = self._referred + node.whole <= MOST_REFERRED and distance <= _FARTHEST
        if not fits and not self._is_measured:
            return False
        if self._whole + node.whole > MOST_BYTES:
            raise ValueError(TOO_LARGE)
        self._whole += node.whole
        if not self._is_measured:
            self._referred += node.whole
            self._out += bytes((EXTENSION, REFERENCE))
            self._out += distance.to_bytes(4) + node.size.to_bytes(4)
        return True

    def _append(self, data: bytes) -> None:
        if self._whole + len(data) > MOST_BYTES:
            raise ValueError(TOO_LARGE)
        self._whole += len(data)
        if not self._is_measured:
            self._out += data

    def _place_of(self, at: int, size: int) -> int | None:
        found = bisect_right(self._at, at) - 1
        if found < 0 or at + size > self._end[found]:
            return None
        return self._here[found] + at - self._at[found]
