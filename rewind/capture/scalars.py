"""Writes values that hold no others: numbers, text, bytes.

`FREE` ones need no budget and no look inside, and most values of most programs are such.
"""

from collections.abc import Callable
from typing import Final

from rewind.capture.secrets import LOOKED_BEYOND
from rewind.capture.walk import Walk
from rewind.model.values import Redaction, Tag
from rewind.model.wire import append_bytes, append_float, append_integer, append_text

_LONGEST_INTEGER: Final = 4096
_LOWEST: Final = -(1 << 63)
_HIGHEST: Final = (1 << 64) - 1
LEAST_LONG: Final = 1 << 60
"""Of two digits, as the interpreter keeps integers."""
SHORT_TEXT: Final = 8
_RESERVE: Final = 8
"""Bytes kept back when text is cut, for the headers around it."""
_WIDEST: Final = 4
"""Bytes of UTF-8 that one character takes at most."""


def _nothing(out: bytearray, _: object) -> bool:
    out.append(0xC0)
    return True


def _boolean(out: bytearray, value: object) -> bool:
    out.append(0xC3 if value else 0xC2)
    return True


def _float(out: bytearray, value: object) -> bool:
    append_float(out, value)  # type: ignore[arg-type]
    return True


def _integer(out: bytearray, value: object) -> bool:
    assert type(value) is int
    if _LOWEST <= value <= _HIGHEST:
        append_integer(out, value)
        return True
    return False


FREE: Final[dict[int, Callable[[bytearray, object], bool]]] = {
    id(type(None)): _nothing,
    id(bool): _boolean,
    id(float): _float,
    id(int): _integer,
}
"""By address of the type: writes the value, or returns False if it needs more than that."""


def is_brief(value: object) -> bool:
    """Whether the native core writes the value in place, without asking anything about it."""
    kind = type(value)
    if kind is int:
        return -LEAST_LONG < value < LEAST_LONG  # type: ignore[operator]
    if kind is str:
        return len(value) <= SHORT_TEXT and value.isascii()  # type: ignore[arg-type, attr-defined]
    return value is None or kind is bool or kind is float


def free(walk: Walk, value: object) -> None:
    """Write a value that is one of `FREE`, inside another."""
    FREE[id(type(value))](walk.out, value)


def integer(walk: Walk, value: object) -> None:
    """Write an integer of any size."""
    assert type(value) is int
    if _integer(walk.out, value):
        return
    bits = value.bit_length()
    walk.head(3, Tag.INTEGER)
    append_integer(walk.out, bits)
    append_text(walk.out, hex(value) if bits <= min(_LONGEST_INTEGER, walk.left * 4) else "")


def text(walk: Walk, value: object) -> None:
    """Write text, cut to what is left of the budget."""
    assert type(value) is str
    room = max(0, walk.left - _RESERVE)
    if walk.means.secrets.in_text(value, room):
        walk.withhold(Redaction.PATTERN, value)
    elif len(value) * _WIDEST <= room or len(_encoded(value[: room + 1])) <= room:
        append_text(walk.out, value)
    else:
        walk.head(3, Tag.TEXT)
        append_integer(walk.out, len(value))
        append_text(walk.out, _cut(value, room))


def _encoded(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _cut(value: str, room: int) -> str:
    """Return as much of the text's beginning as takes `room` bytes."""
    shown = value[:room]
    while len(raw := _encoded(shown)) > room:
        # Each character takes at most four bytes: so many are too much at least.
        shown = shown[: -max(1, (len(raw) - room) // _WIDEST)]
    return shown


def octets(walk: Walk, value: object) -> None:
    """Write bytes, cut to what is left of the budget."""
    assert type(value) is bytes
    room = max(0, walk.left - _RESERVE)
    if _is_credential(walk, value, room):
        walk.withhold(Redaction.PATTERN, value)
    elif len(value) <= room:
        append_bytes(walk.out, value)
    else:
        walk.head(3, Tag.BYTES)
        append_integer(walk.out, len(value))
        append_bytes(walk.out, value[:room])


def _is_credential(walk: Walk, value: bytes, room: int) -> bool:
    return walk.means.secrets.in_text(value[: room + LOOKED_BEYOND].decode("latin-1"), room)


def byte_array(walk: Walk, value: object) -> None:
    """Write a bytearray, cut to what is left of the budget."""
    assert type(value) is bytearray
    room = max(0, walk.left - _RESERVE)
    if _is_credential(walk, bytes(value[: room + LOOKED_BEYOND]), room):
        walk.withhold(Redaction.PATTERN, value)
        return
    walk.head(4, Tag.BYTEARRAY)
    append_integer(walk.out, id(value))
    append_integer(walk.out, len(value))
    append_bytes(walk.out, bytes(value[:room]))


def complex_number(walk: Walk, value: object) -> None:
    """Write a complex number."""
    assert type(value) is complex
    walk.head(3, Tag.COMPLEX)
    append_float(walk.out, value.real)
    append_float(walk.out, value.imag)
