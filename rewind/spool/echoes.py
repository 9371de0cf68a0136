"""Echoes: what stands in a record for a node that lies earlier in its segment (`docs/format.md`).

Whoever reads a segment puts back what they stand for before anything else sees the record, or has
references stand in their place, and trusts none of them: a file may be damaged.
"""

from collections.abc import Iterator
from mmap import mmap
from typing import Final

from rewind.model.elements import ECHO, EXTENSION, STAND_IN_SIZE, element, is_array
from rewind.spool.segment import HEADER_SIZE

MOST_BYTES: Final = 1 << 28
"""What the echoes of one record may amount to: far more than any value is allowed."""
MOST_DEPTH: Final = 256
"""How many echoes may lie within one another: nodes are not nested deeper than that."""

ASTRAY: Final = "an echo stands for no node before it"
NOT_WHOLE: Final = "an echo stands for what is no msgpack"
TOO_DEEP: Final = "its echoes echo each other without end"
TOO_LARGE: Final = "its echoes stand for too much"

Bytes = bytes | mmap


def expand_slowly(data: bytes, segment: Bytes, end: int) -> bytes:
    """Return elements of a record with what its echoes stand for in their place.

    `segment` holds the file's bytes, its header among them; the record begins at `end`. Raises
    `ValueError` where an echo stands for no whole node before it, or all for more than a record
    can hold.
    """
    out = bytearray()
    _expand(out, data, segment, end, MOST_DEPTH)
    return bytes(out)


def _expand(out: bytearray, data: bytes, segment: Bytes, end: int, depth: int) -> None:
    copied = 0
    for at in stand_ins(data, is_node=depth < MOST_DEPTH):
        if data[at + 1] == ECHO:
            _append(out, data[copied:at])
            copied = at + STAND_IN_SIZE
            _expand_echo(out, data[at + 2 : copied], segment, end, depth - 1)
    _append(out, data[copied:])


def stand_ins(data: bytes, *, is_node: bool) -> Iterator[int]:
    """Yield where echoes lie among elements of a record, and what else begins as they do.

    Raises `ValueError` where the elements are not whole or, if they are to be one node, where more
    is behind it.
    """
    at = missing = 0
    while at < len(data):
        size, inner = element(data, at)
        if not size:
            raise ValueError(NOT_WHOLE)
        missing += inner - (missing > 0)
        if data[at] == EXTENSION:
            yield at
        at += size
        if missing == 0 and is_node and at < len(data):
            raise ValueError(ASTRAY)
    if missing > 0:
        raise ValueError(NOT_WHOLE)


def _expand_echo(out: bytearray, place: bytes, segment: Bytes, end: int, depth: int) -> None:
    at, size = int.from_bytes(place[:4]), int.from_bytes(place[4:])
    if at < HEADER_SIZE or not 0 < size <= end - at or not is_array(segment[at]):
        raise ValueError(ASTRAY)
    if depth == 0:
        raise ValueError(TOO_DEEP)
    _expand(out, segment[at : at + size], segment, at, depth)


def _append(out: bytearray, data: bytes) -> None:
    if len(out) + len(data) > MOST_BYTES:
        raise ValueError(TOO_LARGE)
    out += data


try:
    from rewind.spool._expansion import expand as expand  # noqa: PLC0414 - it is this module's
except ImportError:  # The extension is optional.
    expand = expand_slowly
