"""Ids of recordings and sessions: sortable by time, unique without asking anybody."""

import os
from time import time_ns


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562, section 5.7) as 32 hexadecimal digits.

    The first twelve digits are milliseconds since 1970, so ids sort by creation.
    """
    random = int.from_bytes(os.urandom(10), "big")
    value = (time_ns() // 1_000_000) << 80 | 7 << 76 | (random >> 68) << 64
    value |= 2 << 62 | random & ((1 << 62) - 1)
    return f"{value:032x}"
