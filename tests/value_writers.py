"""The two that write values, the Python core's and the native one, behind one face.

Test support only; it checks nothing by itself.
"""

from typing import NamedTuple, Protocol

from rewind.capture._native import Values
from rewind.capture.exceptions import came_by, line_of, trace_of, whereabouts
from rewind.capture.secrets import Secrets
from rewind.capture.snapshot import Snapshots
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model.wire import pack
from rewind.spool.echoes import expand, expand_slowly
from rewind.spool.segment import HEADER_SIZE

SECRETS = Secrets(SecretNames(Settings().redacted_names))


class Written(NamedTuple):
    data: bytes
    secrets: int
    """How many were withheld."""


class Writer(Protocol):
    """What a core does with a value."""

    def write(self, value: object, /) -> Written: ...
    def withhold(self, value: object, /) -> Written: ...
    def reference(self, value: object, /) -> bytes: ...
    def is_secret(self, name: str, /) -> bool: ...
    def is_container(self, value: object, /) -> bool: ...
    def peek_attribute(self, value: object, name: str, /) -> tuple[object, ...]: ...
    def peek_item(self, value: object, key: object, /) -> tuple[object, ...]: ...
    def passage(self, error: BaseException, through: bool, depth: int, /) -> bytes: ...
    def came_by(self, error: BaseException, other: BaseException, /) -> bool: ...


class PythonWriter:
    def __init__(self, limits: Limits, secrets: Secrets = SECRETS) -> None:
        self._snapshots = Snapshots(limits, secrets)
        self.is_secret = self._snapshots.is_secret
        self.is_container = self._snapshots.is_container
        self.peek_attribute = self._snapshots.peek_attribute
        self.peek_item = self._snapshots.peek_item

    def came_by(self, error: BaseException, other: BaseException, /) -> bool:
        return came_by(error, {whereabouts(other)})

    def write(self, value: object, /) -> Written:
        out = bytearray()
        secrets = self._snapshots.write(out, value)
        return Written(bytes(out), secrets)

    def withhold(self, value: object, /) -> Written:
        out = bytearray()
        secrets = self._snapshots.withhold(out, value)
        return Written(bytes(out), secrets)

    def reference(self, value: object, /) -> bytes:
        out = bytearray()
        out += self._snapshots.reference(value)
        return bytes(out)

    def passage(self, error: BaseException, through: bool, depth: int, /) -> bytes:
        trace = None if through else trace_of(error, depth)
        return b"".join(pack(one) for one in (line_of(error), through, trace))


class NativeWriter:
    def __init__(self, limits: Limits, secrets: Secrets = SECRETS) -> None:
        self._values = Values(limits, secrets)
        self.reference = self._values.reference
        self.is_secret = self._values.is_secret
        self.is_container = self._values.is_container
        self.peek_attribute = self._values.peek_attribute
        self.peek_item = self._values.peek_item
        self.passage = self._values.passage
        self.came_by = self._values.came_by

    def write(self, value: object, /) -> Written:
        return Written(*self._values.write(value))

    def withhold(self, value: object, /) -> Written:
        return Written(*self._values.withhold(value))


WRITERS: dict[str, type[PythonWriter | NativeWriter]] = {
    "python": PythonWriter,
    "native": NativeWriter,
}


class EchoWriter:
    """Writes values one behind the other, as the native core does into a segment, with echoes.

    Each is checked: what its echoes stand for is what is written of it without any.
    """

    def __init__(self, limits: Limits) -> None:
        self._values = Values(limits, SECRETS)
        self.append = self._values.append
        self._at = HEADER_SIZE

    def write(self, value: object) -> bytes:
        """Return the bytes as they lie in the segment."""
        (raw, withheld), (whole, secrets) = self._values.append(value), self._values.write(value)
        segment = self._values.segment()
        assert expand(raw, segment, self._at) == whole
        assert expand_slowly(raw, segment, self._at) == whole
        assert withheld == secrets
        self._at += len(raw)
        if self._at > 100_000:
            self.begin_segment()
        return raw

    def begin_segment(self) -> None:
        """Write what follows into another segment."""
        self._values.begin_segment()
        self._at = HEADER_SIZE
