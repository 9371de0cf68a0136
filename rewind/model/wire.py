"""Writing msgpack without msgpack: the recorded process imports nothing outside the library.

Only what records of facts need (`docs/format.md`); values of the user's program are written by
`rewind.capture`, which bounds and redacts as it goes. Readers use the `msgpack` package.
"""

from collections.abc import Callable
from enum import IntEnum
from struct import Struct

_F64 = Struct(">Bd").pack
_U16, _U32, _U64 = Struct(">BH").pack, Struct(">BI").pack, Struct(">BQ").pack
_SHORT = 32
"""Bytes of text from which on its length does not fit into the first byte."""
_I16, _I32, _I64 = Struct(">Bh").pack, Struct(">Bi").pack, Struct(">Bq").pack


def pack(value: object) -> bytes:
    """Return `value` as msgpack.

    Takes `None`, booleans, integers of 64 bits (an `IntEnum`'s as well), floats, text, bytes, and
    lists, tuples and dictionaries of these; raises `TypeError` for any other exact type and
    `OverflowError` for an integer that does not fit.
    """
    out = bytearray()
    append(out, value)
    return bytes(out)


def append(out: bytearray, value: object) -> None:
    """Write `value` at the end of `out`; see `pack`."""
    writer = _WRITERS.get(type(value))
    if writer is None and isinstance(value, IntEnum):
        writer = append_integer  # type: ignore[assignment]
    if writer is None:
        message = f"no msgpack form for {type(value).__qualname__}"
        raise TypeError(message)
    writer(out, value)


def append_integer(out: bytearray, value: int) -> None:
    """Write an integer in its shortest form; raises `OverflowError` beyond 64 bits."""
    if 0 <= value < 0x80:
        out.append(value)
    elif -0x20 <= value < 0:
        out.append(value + 0x100)
    elif value >= 0:
        out += unsigned(value)
    else:
        out += signed(value)


def unsigned(value: int) -> bytes:
    """Return an integer from 0 on in its shortest form; raises `OverflowError` beyond 64 bits."""
    if value < 0x80:
        return bytes((value,))
    if value <= 0xFF:
        return bytes((0xCC, value))
    if value <= 0xFFFF:
        return _U16(0xCD, value)
    if value <= 0xFFFF_FFFF:
        return _U32(0xCE, value)
    if value <= 0xFFFF_FFFF_FFFF_FFFF:
        return _U64(0xCF, value)
    raise OverflowError(value)


def signed(value: int) -> bytes:
    """Return an integer below -32 in its shortest form; raises `OverflowError` beyond 64 bits."""
    if value >= -0x80:
        return bytes((0xD0, value + 0x100))
    if value >= -0x8000:
        return _I16(0xD1, value)
    if value >= -0x8000_0000:
        return _I32(0xD2, value)
    if value >= -0x8000_0000_0000_0000:
        return _I64(0xD3, value)
    raise OverflowError(value)


def append_float(out: bytearray, value: float) -> None:
    """Write a float in 64 bits."""
    out += _F64(0xCB, value)


def append_text(out: bytearray, value: str) -> None:
    """Write text as UTF-8; lone surrogates are kept (`surrogatepass`)."""
    raw = value.encode("utf-8", "surrogatepass")
    size = len(raw)
    if size < _SHORT:
        out.append(0xA0 + size)
    else:
        out += _header(size, 0xA0, _SHORT, 0xD9, 0xDA)
    out += raw


def append_bytes(out: bytearray, value: bytes) -> None:
    """Write bytes."""
    out += _header(len(value), 0, 0, 0xC4, 0xC5)
    out += value


def array_header(size: int) -> bytes:
    """Return the header of an array of `size` elements."""
    return _header(size, 0x90, 16, None, 0xDC)


def map_header(size: int) -> bytes:
    """Return the header of a map of `size` pairs."""
    return _header(size, 0x80, 16, None, 0xDE)


def _header(size: int, fix: int, fix_below: int, byte: int | None, word: int) -> bytes:
    if size < fix_below:
        return bytes((fix + size,))
    if byte is not None and size <= 0xFF:
        return bytes((byte, size))
    if size <= 0xFFFF:
        return _U16(word, size)
    return _U32(word + 1, size)


def _append_bool(out: bytearray, value: bool) -> None:  # noqa: FBT001 - a value, not a switch
    out.append(0xC3 if value else 0xC2)


def _append_array(out: bytearray, value: list[object] | tuple[object, ...]) -> None:
    out += array_header(len(value))
    for item in value:
        # Without a call of `append` for each of what records hold.
        _WRITERS.get(type(item), append)(out, item)


def _append_map(out: bytearray, value: dict[object, object]) -> None:
    out += map_header(len(value))
    for key, item in value.items():
        _WRITERS.get(type(key), append)(out, key)
        _WRITERS.get(type(item), append)(out, item)


_WRITERS: dict[type, Callable[[bytearray, object], None]] = {
    type(None): lambda out, _: out.append(0xC0),
    bool: _append_bool,  # type: ignore[dict-item]
    int: append_integer,  # type: ignore[dict-item]
    float: append_float,  # type: ignore[dict-item]
    str: append_text,  # type: ignore[dict-item]
    bytes: append_bytes,  # type: ignore[dict-item]
    list: _append_array,  # type: ignore[dict-item]
    tuple: _append_array,  # type: ignore[dict-item]
    dict: _append_map,  # type: ignore[dict-item]
}
