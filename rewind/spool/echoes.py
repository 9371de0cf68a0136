"""Echoes: what stands in a record for a node that lies earlier in its segment (`docs/format.md`).

Whoever reads a segment puts back what they stand for before anything else sees the record, and
trusts none of them: a file may be damaged.
"""

# ruff: noqa: PLR2004 - the numbers are msgpack's

from mmap import mmap
from typing import Final

from rewind.spool.segment import HEADER_SIZE

MARK: Final = 0xDC
"""What a record that may hold echoes begins with: an array header of three bytes."""
_ECHO: Final = b"\xd7\x01"
"""What an echo begins with: an extension of eight bytes, of this number."""
_ECHO_SIZE: Final = 10
_MOST_BYTES: Final = 1 << 28
"""What the echoes of one record may amount to: far more than any value is allowed."""
_MOST_DEPTH: Final = 256
"""How many echoes may lie within one another: nodes are not nested deeper than that."""

_WIDTHS: Final = dict(zip(range(0xC4, 0xCA), (1, 2, 4) * 2, strict=True)) | dict(
    zip(range(0xD9, 0xE0), (1, 2, 4, 2, 4, 2, 4), strict=True)
)
"""By an element's first byte, how many bytes of a size follow it."""
_FIXED: Final = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 0),
    **dict.fromkeys((0xC7, 0xC8, 0xC9), 1),
    **dict(zip(range(0xCA, 0xD4), (4, 8, 1, 2, 4, 8, 1, 2, 4, 8), strict=True)),
    **dict(zip(range(0xD4, 0xD9), (2, 3, 5, 9, 17), strict=True)),
}
"""And how many bytes follow that in any case."""

_ASTRAY: Final = "an echo stands for no node before it"
_NOT_WHOLE: Final = "an echo stands for what is no msgpack"
_TOO_DEEP: Final = "its echoes echo each other without end"
_TOO_LARGE: Final = "its echoes stand for too much"

Bytes = bytes | mmap


def plain_head(head: bytes) -> bytes:
    """Return a record's bytes up to its time as they are without the mark."""
    size = head[1] << 8 | head[2]
    return bytes((0x90 | size,)) + head[3:] if size < 16 else head


def expand_slowly(data: bytes, segment: Bytes, end: int) -> bytes:
    """Return elements of a record with what its echoes stand for in their place.

    `segment` holds the file's bytes, its header among them; the record begins at `end`. Raises
    `ValueError` where an echo stands for no whole node before it, or all for more than a record
    can hold.
    """
    out = bytearray()
    _expand(out, data, segment, end, _MOST_DEPTH)
    return bytes(out)


def _expand(out: bytearray, data: bytes, segment: Bytes, end: int, depth: int) -> None:
    at = copied = missing = 0
    while at < len(data):
        size, inner = _element(data, at)
        missing += inner - (missing > 0)
        if data[at : at + 2] == _ECHO:
            _append(out, data[copied:at])
            _expand_echo(out, data[at + 2 : at + _ECHO_SIZE], segment, end, depth - 1)
            copied = at + size
        at += size
        if missing == 0 and depth < _MOST_DEPTH and at < len(data):
            raise ValueError(_ASTRAY)
    if missing > 0:
        raise ValueError(_NOT_WHOLE)
    _append(out, data[copied:])


def _expand_echo(out: bytearray, place: bytes, segment: Bytes, end: int, depth: int) -> None:
    at, size = int.from_bytes(place[:4]), int.from_bytes(place[4:])
    first = segment[at] if at >= HEADER_SIZE and 0 < size <= end - at else 0
    if first != 0xDC and first & 0xF0 != 0x90:
        raise ValueError(_ASTRAY)
    if depth == 0:
        raise ValueError(_TOO_DEEP)
    _expand(out, segment[at : at + size], segment, at, depth)


def _append(out: bytearray, data: bytes) -> None:
    if len(out) + len(data) > _MOST_BYTES:
        raise ValueError(_TOO_LARGE)
    out += data


def _element(data: bytes, at: int) -> tuple[int, int]:
    """Return how many bytes an element takes without those in it, and how many are in it."""
    first, left, inner = data[at], len(data) - at, 0
    if first < 0x80 or first >= 0xE0:
        return 1, 0
    if first < 0xA0:
        return 1, (first & 0x0F) << (first < 0x90)
    if first < 0xC0:
        size = 1 + (first & 0x1F)
    else:
        width = _WIDTHS.get(first, 0)
        size = 1 + width + _FIXED.get(first, 0 if width else left)
        number = int.from_bytes(data[at + 1 : at + 1 + width])
        if first >= 0xDC:
            inner = number << (first >= 0xDE)
        else:
            size += number
    if size > left:
        raise ValueError(_NOT_WHOLE)
    return size, inner


try:
    from rewind.spool._expansion import expand as expand  # noqa: PLC0414 - it is this module's
except ImportError:  # The extension is optional.
    expand = expand_slowly
