"""The beginning of a record, read without the rest: its first element, and its time."""

# ruff: noqa: PLR2004 - the numbers are msgpack's

from typing import Final

import msgpack

from rewind.model.events import Control

_UNSIGNED: Final = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_SIGNED: Final = {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_NEGATIVE_FIXINT: Final = 0xE0

WIDTHS: Final = bytes(_UNSIGNED.get(code, 0) for code in range(256))
"""By an unsigned integer's first byte, how many bytes follow it."""
HEADERS: Final = bytes(
    1 if 0x90 <= code < 0xA0 else {0xDC: 3, 0xDD: 5}.get(code, 0) for code in range(256)
)
"""By a record's first byte, how many bytes its array header takes; 0: that begins none."""
LATEST: Final = (1 << 63) - 1
"""The largest time there is: a clock that a damaged file lets run on stands still there."""


NO_HEAD: Final = "an event has no site or no time"
"""What is wrong with a record that ends before its payload begins."""


def pack_clock(time_ns: int) -> bytes:
    """Return the record that says which time, since the session's start, the next counts from."""
    return bytes(msgpack.packb((Control.CLOCK, time_ns)))


def pack_unsigned(number: int) -> bytes:
    """Return an integer of up to 64 bits as msgpack."""
    return bytes(msgpack.packb(number))


_CLOCK = pack_clock(0)[:2]


def clock_of(records: bytes) -> int | None:
    """Return the time that a chunk's records count from; None where each is since the start.

    Rewind wrote chunks like that until revision 0004 of the database.
    """
    return read_unsigned(records, len(_CLOCK))[0] if records.startswith(_CLOCK) else None


def counted_from_the_last(records: bytes) -> bytes:
    """Return a chunk's records, each with a time since the start, as they are written today."""
    unpacker, parts, at, before = msgpack.Unpacker(), [pack_clock(0)], 0, 0
    unpacker.feed(records)
    while at < len(records):
        unpacker.skip()
        end = unpacker.tell()
        number, time_at = read_head(records, at)
        if number < 0:
            parts.append(records[at:end])
        else:
            since, payload_at = read_unsigned(records, time_at)
            parts += [pack_clock(since)] if since < before else []
            before = min(since, before)
            parts += (records[at:time_at], pack_unsigned(since - before), records[payload_at:end])
            before = since
        at = end
    return b"".join(parts)


def read_head(data: bytes, at: int) -> tuple[int, int]:
    """Return a record's first element and where the second begins; raises `ValueError`."""
    size = HEADERS[data[at]]
    if not size:
        message = f"no array begins with {data[at]:#x}"
        raise ValueError(message)
    code = data[at + size]
    # Nearly all are control records, or of one byte.
    if code >= _NEGATIVE_FIXINT:
        return code - 0x100, at + size + 1
    return read_integer(data, at + size)


def read_integer(data: bytes, at: int) -> tuple[int, int]:
    """Return an integer and where what follows begins; raises `ValueError` or `IndexError`."""
    code = data[at]
    if code >= _NEGATIVE_FIXINT:
        return code - 0x100, at + 1
    if code not in _SIGNED:
        return read_unsigned(data, at)
    end = at + 1 + _SIGNED[code]
    return int.from_bytes(data[at + 1 : end], signed=True), end


def read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """Return an unsigned integer and where what follows begins; raises as `read_integer`."""
    code = data[at]
    if code < 0x80:
        return code, at + 1
    size = _UNSIGNED.get(code)
    if size is None:
        message = f"no unsigned integer begins with {code:#x}"
        raise ValueError(message)
    end = at + 1 + size
    return int.from_bytes(data[at + 1 : end]), end
