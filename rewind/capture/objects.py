"""Writes what is known by a name (classes, functions, modules), and objects of any other type."""

from collections import deque
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from rewind.capture import containers
from rewind.capture.known import known_text
from rewind.capture.types import Reading, name_of, plain_text
from rewind.capture.walk import Walk
from rewind.model.values import Tag
from rewind.model.wire import append_integer, append_text

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


def thing(walk: Walk, value: object) -> None:
    """Write an object of a type that has no writer of its own."""
    if walk.seen(value):
        return
    reading = walk.means.readings.of(type(value))
    text = known_text(value, reading)
    if text is not None:
        walk.head(4, Tag.KNOWN)
        append_integer(walk.out, id(value))
        append_text(walk.out, reading.name)
        append_text(walk.out, text[: walk.left])
    elif reading.base is type:
        class_(walk, value)
    elif reading.base is BaseException:
        containers.exception(walk, value, reading.name)
    elif reading.base is not None:
        _subclass(walk, value, reading.base, reading)
    elif not reading.namespace and not reading.slots:
        walk.named(Tag.OPAQUE, value, reading.name)
    else:
        containers.instance(walk, value)


def _subclass(walk: Walk, value: object, base: type, reading: Reading) -> None:
    walk.head(3, Tag.SUBCLASS)
    append_text(walk.out, reading.name)
    if base is dict:
        containers.dictionary(walk, value)
    elif base in _SEQUENCES:
        containers.sequence(walk, value, _SEQUENCES[base], base, reading.fields)
    else:
        # A copy of the exact type, made by the builtin's own method.
        walk.means.write(walk, _PLAIN_HALF[base](value))


def class_(walk: Walk, value: object) -> None:
    """Write a class."""
    walk.named(Tag.TYPE, value, name_of(value))  # type: ignore[arg-type]


def module(walk: Walk, value: object) -> None:
    """Write a module."""
    namespace = _module_namespace(value)
    name = namespace.get("__name__") if isinstance(namespace, dict) else None
    walk.named(Tag.MODULE, value, name if type(name) is str else "?")


def function(walk: Walk, value: object) -> None:
    """Write a function."""
    assert type(value) is FunctionType
    where = value.__module__
    prefix = f"{where}." if type(where) is str else ""
    walk.named(Tag.FUNCTION, value, f"{prefix}{plain_text(value.__qualname__)}")


def builtin(walk: Walk, value: object) -> None:
    """Write a function or method that is written in C."""
    assert type(value) is BuiltinFunctionType
    owner = _self_of(value)
    if owner is None or type(owner) is ModuleType:
        where = value.__module__
        prefix = f"{where}." if type(where) is str else ""
    else:
        # Not `__qualname__`: that asks the owner's class, and so its metaclass.
        prefix = f"{name_of(type(owner))}."
    walk.named(Tag.FUNCTION, value, f"{prefix}{value.__name__}")


def method(walk: Walk, value: object) -> None:
    """Write a bound method as the function it is."""
    assert type(value) is MethodType
    underneath = _function_of(value)
    if type(underneath) is FunctionType:
        function(walk, underneath)
    else:
        walk.named(Tag.OPAQUE, value, name_of(MethodType))
