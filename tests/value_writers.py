"""The two that write values, the Python core's and the native one, behind one face.

Test support only; it checks nothing by itself.
"""

from typing import NamedTuple, Protocol

from rewind.capture._native import Values
from rewind.capture.exceptions import came_out_of, line_of, trace_of
from rewind.capture.secrets import Secrets
from rewind.capture.snapshot import Snapshots
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model.wire import pack

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
    def came_out_of(self, error: BaseException, qualname: str, /) -> bool: ...


class PythonWriter:
    def __init__(self, limits: Limits, secrets: Secrets = SECRETS) -> None:
        self._snapshots = Snapshots(limits, secrets)
        self.is_secret = self._snapshots.is_secret
        self.is_container = self._snapshots.is_container
        self.peek_attribute = self._snapshots.peek_attribute
        self.peek_item = self._snapshots.peek_item
        self.came_out_of = came_out_of

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
        self._snapshots.write_reference(out, value)
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
        self.came_out_of = self._values.came_out_of

    def write(self, value: object, /) -> Written:
        return Written(*self._values.write(value))

    def withhold(self, value: object, /) -> Written:
        return Written(*self._values.withhold(value))


WRITERS: dict[str, type[PythonWriter | NativeWriter]] = {
    "python": PythonWriter,
    "native": NativeWriter,
}
