"""Writes a value as it is at this moment: bounded, redacted, without running any of its code.

`rewind/model/values.py` is the form. One budget holds for the whole value: depth, items, bytes.
Dispatch is on the exact type; everything that is no exact builtin goes through
`rewind.capture.types`.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Final

from rewind.capture import containers, objects, scalars
from rewind.capture.secrets import Secrets
from rewind.capture.types import Readings, peek_attribute, peek_item
from rewind.capture.walk import Limits, Means, Walk, redact
from rewind.model.values import Redaction, Tag
from rewind.model.wire import unsigned

_Writer = Callable[[Walk, object], None]


def _sequence(tag: Tag, kind: type) -> _Writer:
    return partial(containers.sequence, tag=tag, kind=kind)


_EXACT: dict[type, _Writer] = {
    type(None): scalars.free,
    bool: scalars.free,
    float: scalars.free,
    int: scalars.integer,
    str: scalars.text,
    bytes: scalars.octets,
    bytearray: scalars.byte_array,
    complex: scalars.complex_number,
    list: _sequence(Tag.LIST, list),
    tuple: _sequence(Tag.TUPLE, tuple),
    set: _sequence(Tag.SET, set),
    frozenset: _sequence(Tag.FROZENSET, frozenset),
    dict: containers.dictionary,
    type: objects.class_,
    ModuleType: objects.module,
    FunctionType: objects.function,
    BuiltinFunctionType: objects.builtin,
    MethodType: objects.method,
}
# By address of the type: a lookup by the type itself would run a metaclass's `__hash__`.
_WRITERS: dict[int, _Writer] = {id(kind): writer for kind, writer in _EXACT.items()}


_MUTABLE = frozenset(id(kind) for kind in (list, dict, set, bytearray, deque))


def _write(walk: Walk, value: object) -> None:
    _WRITERS.get(id(type(value)), objects.thing)(walk, value)


_REFERENCE: Final = bytes((0x93, Tag.OPAQUE))


class Snapshots:
    """Writes values. Called by probes of all threads; holds no state of a value between calls."""

    def __init__(self, limits: Limits, secrets: Secrets) -> None:
        self._secrets = secrets
        self._readings = Readings()
        self._means = Means(limits.possible(), secrets, self._readings, _write)

    def write(self, out: bytearray, value: object) -> int:
        """Append the value to `out`; return how many secrets were withheld in it."""
        free = scalars.FREE.get(id(type(value)))
        if free is not None and free(out, value):
            return 0
        walk = Walk(out, self._means)
        _write(walk, value)
        return walk.redacted

    def is_secret(self, name: str) -> bool:
        """Return whether a value known by that name is withheld."""
        return self._secrets.covers(name)

    def is_container(self, value: object) -> bool:
        """Return whether the value is a changeable builtin container, or of a subclass of one."""
        kind = type(value)
        return id(kind) in _MUTABLE or id(self._readings.of(kind).base) in _MUTABLE

    def withhold(self, out: bytearray, value: object) -> int:
        """Append that the value is secret because of its name; return 1."""
        redact(out, Redaction.NAME, type(value))
        return 1

    def reference(self, value: object) -> bytes:
        """Return who the value is, not what: its identity and type."""
        return _REFERENCE + unsigned(id(value)) + self._readings.of(type(value)).told

    def peek_attribute(self, value: object, name: str) -> tuple[object, ...]:
        """Return what the object itself holds under `name`; see `rewind.capture.types`."""
        return peek_attribute(value, name, self._readings)

    def peek_item(self, value: object, key: object) -> tuple[object, ...]:
        """Return the item under `key`; empty where looking could run the program's code."""
        return peek_item(value, key)
