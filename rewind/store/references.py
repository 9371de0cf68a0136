"""References: what stands in a chunk for a node that lies earlier in it (`docs/format.md`, part 4).

Put back where a chunk is read, so that nobody else knows of them. None is trusted: an exported file
may come from anywhere.
"""

from bisect import bisect_right
from typing import Final

import msgpack

from rewind.model.elements import (
    EXTENSION,
    MARK,
    MARK_SIZE,
    REFERENCE,
    STAND_IN_SIZE,
    element,
    is_array,
    plain_head,
)

MOST_BYTES: Final = 1 << 28
"""What all references of a chunk may amount to: far more than a chunk holds."""

_NOT_WHOLE: Final = "its records are no msgpack"
_ASTRAY: Final = "a reference stands for no node before it"
_TOO_LARGE: Final = "its references stand for too much"


def put_back_slowly(data: bytes) -> bytes:
    """Return a chunk's records with what their references stand for in their place.

    Front to back: what a reference stands for has been put back by then, and is copied. Raises
    `ValueError` where one stands for no whole node before it, or all for too much.
    """
    chunk, at = _Chunk(data), 0
    unpacker = msgpack.Unpacker(max_buffer_size=0)
    unpacker.feed(data)
    while at < len(data):
        try:
            unpacker.skip()
        except (msgpack.UnpackException, ValueError):
            raise ValueError(_NOT_WHOLE) from None
        end = unpacker.tell()
        if data[at] == MARK:
            chunk.put_event(at, end)
        at = end
    return chunk.whole()


class _Chunk:
    """One chunk on its way; `out` is what was put back so far."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._out = bytearray()
        self._copied = 0
        self._referred = 0
        self._from = [0]
        self._by = [0]
        """From each place in the chunk on, how much farther its bytes are in `out`."""

    def put_event(self, at: int, end: int) -> None:
        """Put back an event that may hold references."""
        head = plain_head(self._data[at : at + MARK_SIZE])
        if len(head) < MARK_SIZE:
            self._put_plain(at)
            self._out += head
            self._go_on(at + MARK_SIZE)
        while at < end:
            size, _ = element(self._data, at)
            if self._data[at] == EXTENSION and self._data[at + 1] == REFERENCE:
                self._put_node(at)
            at += size

    def whole(self) -> bytes:
        """Return all of it."""
        self._put_plain(len(self._data))
        return bytes(self._out)

    def _put_node(self, at: int) -> None:
        data = self._data
        distance = int.from_bytes(data[at + 2 : at + 6])
        size = int.from_bytes(data[at + 6 : at + STAND_IN_SIZE])
        node = at - distance
        if node < 0 or not 0 < size <= distance or not _is_node(data[node : node + size]):
            raise ValueError(_ASTRAY)
        self._put_plain(at)
        begin, end = self._place_of(node), self._place_of(node + size)
        if not begin < end <= len(self._out):
            raise ValueError(_ASTRAY)
        self._referred += end - begin
        if self._referred > MOST_BYTES:
            raise ValueError(_TOO_LARGE)
        self._out += self._out[begin:end]
        self._go_on(at + STAND_IN_SIZE)

    def _put_plain(self, end: int) -> None:
        self._out += self._data[self._copied : end]
        self._copied = end

    def _go_on(self, at: int) -> None:
        self._copied = at
        self._from.append(at)
        self._by.append(len(self._out) - at)

    def _place_of(self, at: int) -> int:
        return at + self._by[bisect_right(self._from, at) - 1]


def _is_node(data: bytes) -> bool:
    """Return whether the bytes are one node, and nothing behind it."""
    at, missing = 0, int(is_array(data[0]))
    while missing and at < len(data):
        size, inner = element(data, at)
        if not size:
            return False
        missing += inner - 1
        at += size
    return at == len(data) and not missing


try:
    from rewind.store._references import put_back as put_back  # noqa: PLC0414 - this module's
except ImportError:  # The extension is optional.
    put_back = put_back_slowly
