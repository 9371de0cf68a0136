"""How scalars are written where that takes a few bytes: what short probes tell.

As `rewind.capture.scalars` writes them; bytes and not a part of a buffer, as they go into a segment
at once.
"""

from struct import Struct
from typing import Final

from rewind.capture.scalars import LEAST_LONG, SHORT_TEXT
from rewind.model.wire import signed, unsigned

MOST_BRIEF: Final = 9
"""Bytes that a scalar takes at most: a float, or eight letters."""
MOST_TOLD: Final = 56
"""Bytes that a record of such may tell at most: with who an owner is, or several arguments."""
FIX: Final = [bytes((number,)) for number in (*range(0x80), *range(0xE0, 0x100))]
"""How the integers from -32 to 127 are written, each at its place."""
_TEXT: Final = [bytes((0xA0 + size,)) for size in range(SHORT_TEXT + 1)]
"""How text of so many bytes begins."""
_NIL, _FALSE, _TRUE = b"\xc0", b"\xc2", b"\xc3"
_U16, _F64 = Struct(">BH").pack, Struct(">Bd").pack


def brief(value: object) -> bytes:
    """Return how the value is written; nothing for one that is no scalar or takes more to tell."""
    if type(value) is int:
        if -32 <= value < 128:
            return FIX[value]
        if 0 <= value < LEAST_LONG:
            return _U16(0xCD, value) if 0xFF < value <= 0xFFFF else unsigned(value)
        return signed(value) if -LEAST_LONG < value < 0 else b""
    if type(value) is float:
        return _F64(0xCB, value)
    if type(value) is str:
        short = len(value) <= SHORT_TEXT and value.isascii()
        return _TEXT[len(value)] + value.encode() if short else b""
    if type(value) is bool:
        return _TRUE if value else _FALSE
    return _NIL if value is None else b""


def all_brief(first: bytes, *values: object) -> bytes:
    """Return what comes first, and how the values are written; nothing if one is not brief."""
    for value in values:
        told = FIX[value] if type(value) is int and -32 <= value < 128 else brief(value)
        if not told:
            return b""
        first += told
    return first if len(first) <= MOST_TOLD else b""
