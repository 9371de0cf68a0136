"""The elements of msgpack, one by one, for who puts others in their place.

What reads values uses the package `msgpack`, which does not tell where in them something is.
"""

# ruff: noqa: PLR2004 - the numbers are msgpack's

from typing import Final

MARK: Final = 0xDC
"""What an event may begin with that holds echoes or references: an array header of three bytes."""
MARK_SIZE: Final = 3
EXTENSION: Final = 0xD7
"""What both begin with: an extension of eight bytes. Its number follows."""
ECHO: Final = 1
REFERENCE: Final = 2
STAND_IN_SIZE: Final = 10
"""Bytes that an echo takes, and a reference."""

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


def plain_head(head: bytes) -> bytes:
    """Return a record's bytes, which begin with the mark, as they are without it."""
    size = head[1] << 8 | head[2]
    return bytes((0x90 | size,)) + head[MARK_SIZE:] if size < 16 else head


def is_array(first: int) -> bool:
    """Return whether a node can begin with that byte."""
    return first == MARK or first & 0xF0 == 0x90


def element(data: bytes, at: int) -> tuple[int, int]:
    """Return how many bytes an element takes without those in it, and how many are in it.

    No bytes: it is not whole, or not msgpack.
    """
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
    return (size, inner) if size <= left else (0, 0)
