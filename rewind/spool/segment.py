"""The layout of a segment file, for its writer and its reader alike (`docs/format.md`, part 1)."""

import re
from struct import Struct
from typing import Final, NamedTuple

MAGIC: Final = b"RWNDSEG1"
HEADER_SIZE: Final = 128
PUBLISHED_AT: Final = 8
STATE_AT: Final = 16
OPEN: Final = 0
CLOSED: Final = 1

_HEADER = Struct("<8sQQQQQQQQQQ")
_NAME = re.compile(r"(\d+)-(\d+)-(\d+)-(\d+)\.seg\Z")


class SegmentHeader(NamedTuple):
    """What a segment says of itself."""

    pid: int
    thread: int
    sequence: int
    monotonic_ns: int
    wall_ns: int
    stream: int
    start_ticks: int
    size: int

    def encode(self) -> bytes:
        """Return the header's bytes for a new segment: open, nothing published."""
        return _HEADER.pack(MAGIC, HEADER_SIZE, OPEN, *self).ljust(HEADER_SIZE, b"\0")


class SegmentName(NamedTuple):
    """A segment's file name, taken apart; its order is the order of reading."""

    pid: int
    start_ticks: int
    stream: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.pid}-{self.start_ticks}-{self.stream}-{self.sequence}.seg"

    @classmethod
    def parse(cls, name: str) -> "SegmentName | None":
        """Return a file name's parts, or None if the file is no segment."""
        match = _NAME.match(name)
        return cls(*map(int, match.groups())) if match else None


def decode_header(raw: bytes) -> SegmentHeader | None:
    """Return the header in `raw`, or None while it is not a whole header of ours."""
    if len(raw) < HEADER_SIZE or raw[:8] != MAGIC:
        return None
    _, _, _, *facts = _HEADER.unpack_from(raw)
    return SegmentHeader(*facts)
