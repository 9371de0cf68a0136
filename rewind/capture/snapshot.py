"""Writes a value as it is at this moment: bounded, redacted, without running any of its code.

`rewind/model/values.py` is the form. One budget holds for the whole value: depth, items, bytes.
Exact builtin types are read directly, everything else through `rewind.capture.types`.
"""

from collections import deque
from collections.abc import Callable
from itertools import islice
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

from rewind.capture.known import known_text
from rewind.capture.secrets import LOOKED_BEYOND, Secrets
from rewind.capture.types import (
    Reading,
    Readings,
    instance_namespace,
    name_of,
    peek_attribute,
    peek_item,
    slot_of,
)
from rewind.model.values import Omission, Redaction, Tag
from rewind.model.wire import append_bytes, append_float, append_integer, append_text

_LONGEST_INTEGER = 4096
_LOWEST = -(1 << 63)
_HIGHEST = (1 << 64) - 1
_RESERVE = 8
"""Bytes kept back when text is cut, for the headers around it."""
_LONGEST_NAME = 256
_WIDEST = 4
"""Bytes of UTF-8 that one character takes at most."""


class Limits(NamedTuple):
    """The budget of one value."""

    max_depth: int = 4
    max_items: int = 50
    max_value_bytes: int = 1000


class Walk:
    """One value being written: where to, how much is left, and what it is inside of."""

    __slots__ = ("end", "out", "path", "redacted")

    def __init__(self, out: bytearray, budget: int) -> None:
        self.out = out
        self.end = len(out) + budget
        self.path: list[int] = []
        self.redacted = 0

    @property
    def left(self) -> int:
        """Bytes of the budget that are left, at least 0."""
        return max(0, self.end - len(self.out))


_Writer = Callable[[Walk, object], None]


class Snapshots:
    """Writes values. Called by probes of all threads; holds no state of a value between calls."""

    def __init__(self, limits: Limits, secrets: Secrets) -> None:
        self.readings = Readings()
        self._limits = limits
        self._secrets = secrets
        # By address of the type: a lookup by the type itself would run a metaclass's `__hash__`.
        self._writers: dict[int, _Writer] = {
            id(kind): writer for kind, writer in self._exact_types().items()
        }

    def _exact_types(self) -> dict[type, _Writer]:
        return {
            type(None): _scalar(_nothing),
            bool: _scalar(_boolean),
            float: _scalar(_float),
            int: self._integer,
            str: self._text,
            bytes: self._bytes,
            bytearray: self._bytearray,
            complex: self._complex,
            list: lambda walk, value: self._sequence(walk, value, Tag.LIST, list),
            tuple: lambda walk, value: self._sequence(walk, value, Tag.TUPLE, tuple),
            set: lambda walk, value: self._sequence(walk, value, Tag.SET, set),
            frozenset: lambda walk, value: self._sequence(walk, value, Tag.FROZENSET, frozenset),
            dict: self._dict,
            type: self._class,
            ModuleType: self._module,
            FunctionType: self._function,
            BuiltinFunctionType: self._builtin,
            MethodType: self._method,
        }

    def write(self, out: bytearray, value: object) -> int:
        """Append the value to `out`; return how many secrets were withheld in it."""
        scalar = _SCALARS.get(id(type(value)))
        if scalar is not None and scalar(out, value):
            return 0
        walk = Walk(out, self._limits.max_value_bytes)
        self._any(walk, value)
        return walk.redacted

    def is_secret(self, name: str) -> bool:
        """Return whether a value known by that name is withheld."""
        return self._secrets.covers(name)

    def withhold(self, out: bytearray, value: object) -> int:
        """Append that the value is secret because of its name; return 1."""
        _redact(out, Redaction.NAME, type(value))
        return 1

    def peek_attribute(self, value: object, name: str) -> tuple[object, ...]:
        """Return what the object itself holds under `name`; see `rewind.capture.types`."""
        return peek_attribute(value, name, self.readings)

    def peek_item(self, value: object, key: object) -> tuple[object, ...]:
        """Return the item under `key`; empty where looking could run the program's code."""
        return peek_item(value, key)

    def write_reference(self, out: bytearray, value: object) -> None:
        """Append who the value is, not what: its identity and type."""
        _head(out, 3, Tag.OPAQUE)
        append_integer(out, id(value))
        append_text(out, self.readings.of(type(value)).name)

    def _any(self, walk: Walk, value: object) -> None:
        writer = self._writers.get(id(type(value)))
        if writer is not None:
            writer(walk, value)
        else:
            self._object(walk, value)

    # Scalars

    def _integer(self, walk: Walk, value: object) -> None:
        assert type(value) is int
        if _integer(walk.out, value):
            return
        bits = value.bit_length()
        _head(walk.out, 3, Tag.INTEGER)
        append_integer(walk.out, bits)
        append_text(walk.out, hex(value) if bits <= min(_LONGEST_INTEGER, walk.left * 4) else "")

    def _text(self, walk: Walk, value: object) -> None:
        assert type(value) is str
        room = max(0, walk.left - _RESERVE)
        if self._secrets.in_text(value, room):
            walk.redacted += 1
            _redact(walk.out, Redaction.PATTERN, str)
        elif len(value) * _WIDEST <= room or len(_encoded(value[: room + 1])) <= room:
            append_text(walk.out, value)
        else:
            _head(walk.out, 3, Tag.TEXT)
            append_integer(walk.out, len(value))
            append_text(walk.out, _cut(value, room))

    def _bytes(self, walk: Walk, value: object) -> None:
        assert type(value) is bytes
        room = max(0, walk.left - _RESERVE)
        if self._secrets.in_text(value[: room + LOOKED_BEYOND].decode("latin-1"), room):
            walk.redacted += 1
            _redact(walk.out, Redaction.PATTERN, bytes)
        elif len(value) <= room:
            append_bytes(walk.out, value)
        else:
            _head(walk.out, 3, Tag.BYTES)
            append_integer(walk.out, len(value))
            append_bytes(walk.out, value[:room])

    def _bytearray(self, walk: Walk, value: object) -> None:
        assert type(value) is bytearray
        _head(walk.out, 4, Tag.BYTEARRAY)
        append_integer(walk.out, id(value))
        append_integer(walk.out, len(value))
        append_bytes(walk.out, bytes(value[: max(0, walk.left - _RESERVE)]))

    def _complex(self, walk: Walk, value: object) -> None:
        assert type(value) is complex
        _head(walk.out, 3, Tag.COMPLEX)
        append_float(walk.out, value.real)
        append_float(walk.out, value.imag)

    # Containers. `kind` is the exact builtin type whose own methods read the value: for a subclass
    # they show the builtin half, whatever the subclass overrides.

    def _sequence(
        self, walk: Walk, value: object, tag: Tag, kind: type, fields: tuple[str, ...] = ()
    ) -> None:
        if id(value) in walk.path:
            self._seen(walk, value)
            return
        size = kind.__len__(value)  # type: ignore[attr-defined]
        items: list[object] = []
        reason = self._enter(walk, value)
        if reason is None:
            limit = self._limits.max_items
            try:
                items = list(islice(kind.__iter__(value), limit))  # type: ignore[attr-defined]
            except RuntimeError:
                reason = Omission.CHANGED
            if size > limit:
                reason = Omission.ITEMS
        start = _open(walk.out, tag, value, size)
        written = 3
        for place, item in enumerate(items):
            if len(walk.out) >= walk.end:
                reason = Omission.BYTES
                break
            if place < len(fields) and self._secrets.covers(fields[place]):
                walk.redacted += self.withhold(walk.out, item)
            else:
                self._any(walk, item)
            written += 1
        self._close(walk, start, written, reason)

    def _dict(self, walk: Walk, value: object) -> None:
        if id(value) in walk.path:
            self._seen(walk, value)
            return
        size = dict.__len__(value)  # type: ignore[arg-type]
        items: list[tuple[object, object]] = []
        reason = self._enter(walk, value)
        if reason is None:
            limit = self._limits.max_items
            try:
                items = list(islice(dict.items(value), limit))  # type: ignore[arg-type]
            except RuntimeError:
                reason = Omission.CHANGED
            if size > limit:
                reason = Omission.ITEMS
        start = _open(walk.out, Tag.DICT, value, size)
        self._pairs(walk, start, 3, items, reason)

    def _pairs(
        self,
        walk: Walk,
        start: int,
        written: int,
        items: list[tuple[object, object]],
        reason: Omission | None,
    ) -> None:
        for key, item in items:
            if len(walk.out) >= walk.end:
                reason = Omission.BYTES
                break
            self._any(walk, key)
            name = self._name_in(key)
            if name is not None and self._secrets.covers(name):
                walk.redacted += 1
                _redact(walk.out, Redaction.NAME, type(item))
            else:
                self._any(walk, item)
            written += 2
        self._close(walk, start, written, reason)

    def _name_in(self, key: object) -> str | None:
        """Return the name that a key is, be it of a subclass of text or of bytes."""
        if type(key) is str:
            return key
        if type(key) is bytes:
            return key[:_LONGEST_NAME].decode("latin-1")
        if self.readings.of(type(key)).base is str:
            return str.__str__(key)
        return None

    def _enter(self, walk: Walk, value: object) -> Omission | None:
        """Step into a container; the reason not to look inside, if there is one."""
        walk.path.append(id(value))
        return Omission.DEPTH if len(walk.path) > self._limits.max_depth else None

    @staticmethod
    def _close(walk: Walk, start: int, written: int, reason: Omission | None) -> None:
        walk.path.pop()
        if reason is not None:
            _omit(walk.out, reason)
            written += 1
        walk.out[start + 1 : start + 3] = written.to_bytes(2, "big")

    # Everything else

    def _object(self, walk: Walk, value: object) -> None:
        kind = type(value)
        if id(value) in walk.path:
            self._seen(walk, value)
            return
        reading = self.readings.of(kind)
        text = known_text(value, reading)
        if text is not None:
            _head(walk.out, 4, Tag.KNOWN)
            append_integer(walk.out, id(value))
            append_text(walk.out, reading.name)
            append_text(walk.out, text[: walk.left])
        elif reading.base is type:
            self._class(walk, value)
        elif reading.base is BaseException:
            self._exception(walk, value, reading.name)
        elif reading.base is not None:
            self._subclass(walk, value, reading.base, reading)
        elif not reading.namespace and not reading.slots:
            self.write_reference(walk.out, value)
        else:
            self._instance(walk, value)

    def _seen(self, walk: Walk, value: object) -> None:
        _head(walk.out, 2, Tag.SEEN)
        append_integer(walk.out, id(value))

    def _instance(self, walk: Walk, value: object) -> None:
        reading = self.readings.of(type(value))
        namespace: dict[Any, object] = instance_namespace(value, reading) or {}
        size = len(namespace) + len(reading.slots)
        items: list[tuple[object, object]] = []
        reason = self._enter(walk, value)
        if reason is None:
            try:
                items = list(islice(dict.items(namespace), self._limits.max_items))
            except RuntimeError:
                reason = Omission.CHANGED
            held = ((name, slot_of(value, name, place)) for name, place in reading.slots)
            slots = [(name, found[0]) for name, found in held if found]
            size = len(namespace) + len(slots)
            items += slots[: self._limits.max_items - len(items)]
            if size > len(items) and reason is None:
                reason = Omission.ITEMS
        start = len(walk.out)
        walk.out += b"\xdc\0\0"
        walk.out.append(Tag.INSTANCE)
        append_integer(walk.out, id(value))
        append_text(walk.out, reading.name)
        append_integer(walk.out, size)
        self._pairs(walk, start, 4, items, reason)

    def _exception(self, walk: Walk, value: object, name: str) -> None:
        arguments: tuple[object, ...] = _arguments_of(value)
        reason = self._enter(walk, value)
        shown = arguments[: self._limits.max_items] if reason is None else ()
        if reason is None and len(shown) < len(arguments):
            reason = Omission.ITEMS
        start = len(walk.out)
        walk.out += b"\xdc\0\0"
        walk.out.append(Tag.EXCEPTION)
        append_integer(walk.out, id(value))
        append_text(walk.out, name)
        append_integer(walk.out, len(arguments))
        written = 4
        for argument in shown:
            if len(walk.out) >= walk.end:
                reason = Omission.BYTES
                break
            self._any(walk, argument)
            written += 1
        self._close(walk, start, written, reason)

    def _subclass(self, walk: Walk, value: object, base: type, reading: Reading) -> None:
        _head(walk.out, 3, Tag.SUBCLASS)
        append_text(walk.out, reading.name)
        if base is dict:
            self._dict(walk, value)
        elif base in _SEQUENCES:
            self._sequence(walk, value, _SEQUENCES[base], base, reading.fields)
        else:
            # A copy of the exact type, made by the builtin's own method.
            self._any(walk, _PLAIN_HALF[base](value))

    def _class(self, walk: Walk, value: object) -> None:
        self._named(walk, Tag.TYPE, value, name_of(value))  # type: ignore[arg-type]

    def _module(self, walk: Walk, value: object) -> None:
        namespace = _module_namespace(value)
        name = namespace.get("__name__") if isinstance(namespace, dict) else None
        self._named(walk, Tag.MODULE, value, name if type(name) is str else "?")

    def _function(self, walk: Walk, value: object) -> None:
        assert type(value) is FunctionType
        module = value.__module__
        where = f"{module}." if type(module) is str else ""
        self._named(walk, Tag.FUNCTION, value, f"{where}{value.__qualname__}")

    def _builtin(self, walk: Walk, value: object) -> None:
        assert type(value) is BuiltinFunctionType
        owner = _self_of(value)
        if owner is None or type(owner) is ModuleType:
            module = value.__module__
            where = f"{module}." if type(module) is str else ""
        else:
            # Not `__qualname__`: that asks the owner's class, and so its metaclass.
            where = f"{name_of(type(owner))}."
        self._named(walk, Tag.FUNCTION, value, f"{where}{value.__name__}")

    def _method(self, walk: Walk, value: object) -> None:
        assert type(value) is MethodType
        function = _function_of(value)
        if type(function) is FunctionType:
            self._function(walk, function)
        else:
            self.write_reference(walk.out, value)

    def _named(self, walk: Walk, tag: Tag, value: object, name: str) -> None:
        _head(walk.out, 3, tag)
        append_integer(walk.out, id(value))
        append_text(walk.out, name)


_arguments_of = BaseException.__dict__["args"].__get__
_module_namespace: Callable[[object], object] = vars(ModuleType)["__dict__"].__get__
_function_of: Callable[[object], object] = MethodType.__dict__["__func__"].__get__
_self_of = BuiltinFunctionType.__dict__["__self__"].__get__
_SEQUENCES = {
    list: Tag.LIST,
    tuple: Tag.TUPLE,
    set: Tag.SET,
    frozenset: Tag.FROZENSET,
    deque: Tag.LIST,
}
_PLAIN_HALF: dict[type, Callable[[Any], object]] = {
    int: int.__index__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}


def _scalar(write: Callable[[bytearray, object], bool]) -> _Writer:
    def writer(walk: Walk, value: object) -> None:
        write(walk.out, value)

    return writer


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


# What needs no budget and no look inside: most values of most programs.
_SCALARS: dict[int, Callable[[bytearray, object], bool]] = {
    id(type(None)): _nothing,
    id(bool): _boolean,
    id(float): _float,
    id(int): _integer,
}


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _cut(text: str, room: int) -> str:
    """Return as much of the text's beginning as takes `room` bytes."""
    shown = text[:room]
    while len(raw := _encoded(shown)) > room:
        # Each character takes at most four bytes: so many are too much at least.
        shown = shown[: -max(1, (len(raw) - room) // _WIDEST)]
    return shown


def _head(out: bytearray, size: int, tag: Tag) -> None:
    out.append(0x90 + size)
    out.append(tag)


def _open(out: bytearray, tag: Tag, value: object, size: int) -> int:
    """Begin a container whose number of elements is filled in when it is closed."""
    start = len(out)
    out += b"\xdc\0\0"
    out.append(tag)
    append_integer(out, id(value))
    append_integer(out, size)
    return start


def _omit(out: bytearray, reason: Omission) -> None:
    _head(out, 2, Tag.OMITTED)
    out.append(reason)


def _redact(out: bytearray, reason: Redaction, kind: type) -> None:
    _head(out, 3, Tag.REDACTED)
    out.append(reason)
    append_text(out, name_of(kind))
