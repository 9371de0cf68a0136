"""One value being written: where to, how much of its budget is left, and what it is inside of.

The nodes' outer forms (`rewind/model/values.py`) are written here; what goes into them is the
matter of `scalars`, `containers` and `objects`.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from rewind.capture.secrets import Secrets
from rewind.capture.types import Readings, name_of
from rewind.model.values import Omission, Redaction, Tag
from rewind.model.wire import append_integer, append_text

_DEEPEST: Final = 200
"""Both cores go into a value by recursion, and a thread's stack may be small."""
_MOST_ITEMS: Final = 30_000
"""A container's header counts 16 bits of elements, and an item may be two of them."""


class Limits(NamedTuple):
    """The budget of one value."""

    max_depth: int = 4
    max_items: int = 50
    max_value_bytes: int = 1000

    def possible(self) -> "Limits":
        """Return the limits as far as they can be kept."""
        return self._replace(
            max_depth=min(self.max_depth, _DEEPEST), max_items=min(self.max_items, _MOST_ITEMS)
        )


class Means(NamedTuple):
    """What writing any value needs, the same for all of them."""

    limits: Limits
    secrets: Secrets
    readings: Readings
    write: Callable[["Walk", object], None]
    """Writes a value inside the one that is being written."""


class Walk:
    """A value on its way to `out`. Made for one value by one probe, and dropped with it."""

    __slots__ = ("end", "means", "out", "path", "redacted")

    def __init__(self, out: bytearray, means: Means) -> None:
        self.out = out
        self.means = means
        self.end = len(out) + means.limits.max_value_bytes
        self.path: list[int] = []
        """`id()` of the containers that this one is inside of."""
        self.redacted = 0

    @property
    def left(self) -> int:
        """Bytes of the budget that are left, at least 0."""
        return max(0, self.end - len(self.out))

    def head(self, size: int, tag: Tag) -> None:
        """Begin a node of `size` elements, the tag among them."""
        self.out.append(0x90 + size)
        self.out.append(tag)

    def named(self, tag: Tag, value: object, name: str) -> None:
        """Write a node that says who the value is: its identity and a name."""
        self.head(3, tag)
        append_integer(self.out, id(value))
        append_text(self.out, name)

    def seen(self, value: object) -> bool:
        """Write that the value is inside of itself, if it is; return whether."""
        if id(value) not in self.path:
            return False
        self.head(2, Tag.SEEN)
        append_integer(self.out, id(value))
        return True

    def open(self, tag: Tag, value: object, size: int, name: str | None = None) -> int:
        """Begin a container, whose number of elements is filled in by `close`; return its place."""
        start = len(self.out)
        self.out += b"\xdc\0\0"
        self.out.append(tag)
        append_integer(self.out, id(value))
        if name is not None:
            append_text(self.out, name)
        append_integer(self.out, size)
        return start

    def enter(self, value: object) -> Omission | None:
        """Step into a container; return the reason not to look inside, if there is one."""
        self.path.append(id(value))
        return Omission.DEPTH if len(self.path) > self.means.limits.max_depth else None

    def close(self, start: int, elements: int, reason: Omission | None) -> None:
        """End the container that begins at `start`; `reason` is why a part of it is not there."""
        self.path.pop()
        if reason is not None:
            self.head(2, Tag.OMITTED)
            self.out.append(reason)
            elements += 1
        self.out[start + 1 : start + 3] = elements.to_bytes(2, "big")

    def withhold(self, reason: Redaction, value: object) -> None:
        """Write that a value is not shown, and count it."""
        self.redacted += 1
        redact(self.out, reason, type(value))


def redact(out: bytearray, reason: Redaction, kind: type) -> None:
    """Write that a value of that type is withheld."""
    out.append(0x93)
    out.append(Tag.REDACTED)
    out.append(reason)
    append_text(out, name_of(kind))
