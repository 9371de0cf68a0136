"""How the records that short probes write lie in a segment: one call puts all of one there.

Such a record has a beginning, which its site has made, the time since the one before, and what it
tells, in some bytes or none.
"""

from collections.abc import Callable
from functools import cache
from mmap import mmap
from struct import Struct
from typing import Final

from rewind.capture.brief import MOST_BRIEF, MOST_TOLD
from rewind.model.wire import unsigned

_LATER: Final = b"\xcd"
"""How a time begins that takes two bytes more."""

Layouts = tuple[tuple[Callable[..., None], int], ...]
"""By how many bytes are told: what puts a record into a map at a place, and how many it takes."""


def layouts(prefix: bytes) -> tuple[bytes, Layouts, Layouts]:
    """Return how the records of a site lie, which all begin with the prefix.

    That is what to put there first, with which the layouts are of those that bear the time of the
    record before, and with which of those that tell a time of two bytes, from 256 to 65535 ns.
    """
    # Those that bear no time of their own cut off how it would begin.
    return prefix + _LATER, *_of_size(len(prefix))


@cache
def _of_size(size: int) -> tuple[Layouts, Layouts]:
    return _each(f">{size}sx", MOST_BRIEF), _each(f">{size + 1}sH", MOST_TOLD)


def _each(head: str, most: int) -> Layouts:
    made = [Struct(f"{head}{told}s" if told else head) for told in range(most + 1)]
    return tuple((one.pack_into, one.size) for one in made)


def put_otherwise(place: mmap, at: int, begins: bytes, passed: int, told: bytes) -> int:
    """Put a record whose time takes as many bytes as it happens to; return its size."""
    record = begins.removesuffix(_LATER) + unsigned(max(0, passed)) + told
    place[at : at + len(record)] = record
    return len(record)
