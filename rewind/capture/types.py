"""Reading an unknown object without running any of its code.

Everything here goes through descriptors of the interpreter itself, fetched once before any user
code could replace them: no attribute of the object, its class or its metaclass is looked up in the
ordinary way, so no `__getattribute__`, property or `__class__` of the program is ever run.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from gc import get_referents
from types import GetSetDescriptorType, MappingProxyType, MemberDescriptorType, ModuleType
from typing import NamedTuple, cast
from weakref import ref

from rewind.model.wire import pack

_mro_of = type.__dict__["__mro__"].__get__
_namespace_of = type.__dict__["__dict__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_own_module_of = type.__dict__["__module__"].__get__
_place_of_dictionary = type.__dict__["__dictoffset__"].__get__
_own_attribute = object.__getattribute__
_module_namespace: Callable[[object], dict[str, object]] = vars(ModuleType)["__dict__"].__get__
# greenlet's getter only reads, as those of the standard library do.
_harmless = sys.stdlib_module_names | {"greenlet"}
_referents = get_referents
_weak = ref


class Reading(NamedTuple):
    """How to read the instances of one type. Holds no descriptor: those keep their class alive."""

    name: str
    """`module.QualName`."""
    namespace: bool
    """Whether `__dict__` is the interpreter's own, which gives an instance's attributes.

    That of an extension may run the program's code: wrapt's proxies make what they stand for when
    they are asked first."""
    slots: tuple[tuple[str, int], ...]
    """Each slot's name and the place of its class in the method resolution order."""
    fields: tuple[str, ...]
    """Names of a named tuple's items."""
    base: type | None
    """The builtin container or scalar that the type derives from, if any."""
    members: tuple[tuple[str, int], ...] | None
    """As `slots`, of a type in C that makes an instance's `__dict__` when it is first asked for."""
    told: bytes
    """How the name is written."""


# By address: asking whether a class is in a set would run its metaclass's `__hash__`.
_BUILTIN_BASES = {
    id(base): base
    for base in (
        *(list, tuple, dict, set, frozenset, deque),
        *(str, bytes, int, float, BaseException, type),
    )
}


_BOOKKEEPING = frozenset(("sqlalchemy.orm.state.InstanceState",))
"""Types of libraries whose instances are told by name alone: such a one stands first in what is
the program's own, and would take all the room that there is."""


class _Ordinary:
    pass


_OF_CLASS_STATEMENTS = _Ordinary.__dict__["__dict__"].__doc__
"""What every `__dict__` that a class statement has made says of itself."""


class Readings:
    """Remembers each type's reading. Asked by probes of all threads; needs no stop.

    Keyed by the type's address and checked by a weak reference, as a key's `__hash__` and `__eq__`
    would be the metaclass's, and a strong reference would keep the program's classes alive. After
    a fork the child goes on with its copy.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[type], Reading]] = {}

    def of(self, kind: type) -> Reading:
        """Return how to read instances of `kind`, an object's true type."""
        address = id(kind)
        known = self._known.get(address)
        if known is not None and known[0]() is kind:
            return known[1]
        reading = _read(kind)
        self._known[address] = (_weak(kind, lambda _: self._known.pop(address, None)), reading)
        return reading


def _read(kind: type) -> Reading:
    namespace: bool | None = None
    foreign = False
    slots: list[tuple[str, int]] = []
    base: type | None = None
    fields: tuple[str, ...] | None = None
    # None: some types of the interpreter are never made ready (code positions on 3.11).
    for place, parent in enumerate(_mro_of(kind) or ()):
        if base is None:
            base = _BUILTIN_BASES.get(id(parent))
        members: MappingProxyType[str, object] = _namespace_of(parent)
        if "__dict__" in members:
            getter = members["__dict__"]
            is_getter = type(getter) is GetSetDescriptorType
            namespace = is_getter if namespace is None else namespace
            # That of a class statement asks the one of a class in C below it, if there is one.
            foreign = foreign or (is_getter and not _is_harmless(parent, getter))
        if type(members.get("__slots__")) in (tuple, list, str):
            slots.extend((name, place) for name in _slots(members))
        if fields is None:
            fields = _fields(members)
    name = name_of(kind)
    if name in _BOOKKEEPING:
        return Reading(name, False, (), (), None, None, pack(name))  # noqa: FBT003 - a record's field
    named = fields or () if base is tuple else ()
    made_late = _place_of_dictionary(kind) > 0
    all_members = tuple(_all_members(kind)) if made_late else None
    read = bool(namespace) and not foreign
    return Reading(name, read, tuple(slots), named, base, all_members, pack(name))


def _is_harmless(kind: type, getter: object) -> bool:
    """Return whether the getter of a class's `__dict__` is known to run nothing."""
    if getter.__doc__ == _OF_CLASS_STATEMENTS:
        return True
    module = _module_of(kind)
    if type(module) is not str or module not in _harmless:
        return False
    holder = sys.modules.get(module)
    return type(holder) is ModuleType and _module_namespace(holder).get(_qualname_of(kind)) is kind


def _all_members(kind: type) -> Iterator[tuple[str, int]]:
    for place, parent in enumerate(_mro_of(kind)):
        for name in _slots(_namespace_of(parent)):
            yield name, place


def _slots(members: MappingProxyType[str, object]) -> list[str]:
    return [
        name
        for name, member in list(members.items())
        if type(member) is MemberDescriptorType and type(name) is str
    ]


def _fields(members: MappingProxyType[str, object]) -> tuple[str, ...] | None:
    found = members.get("_fields")
    if type(found) is not tuple or any(type(name) is not str for name in found):
        return None
    return found


def name_of(kind: type) -> str:
    """Return `module.QualName`; `?` stands for a part that is not plain text."""
    return f"{plain_text(_module_of(kind))}.{qualname_of(kind)}"


def qualname_of(kind: type) -> str:
    """Return a class's qualified name; `?` if that is not plain text."""
    return plain_text(_qualname_of(kind))


def _module_of(kind: type) -> object:
    try:
        return _own_module_of(kind)
    except AttributeError:
        return None  # Made where no `__name__` is: by `exec` with a namespace of its own.


def plain_text(name: object) -> str:
    """Return a name that the program may have set: a subclass's text is not looked at."""
    return name if type(name) is str else "?"


def instance_namespace(value: object, reading: Reading) -> dict[str, object] | None:
    """Return the instance's own `__dict__` where it is a plain dictionary."""
    if not reading.namespace or not _has_namespace(value, reading):
        return None
    found = _own_attribute(value, "__dict__")
    return found if type(found) is dict else None


def _has_namespace(value: object, reading: Reading) -> bool:
    """Return whether the instance has its `__dict__`, which looking must not make."""
    if reading.members is None:
        return True
    others = {id(one) for name, place in reading.members for one in slot_of(value, name, place)}
    return any(type(one) is dict and id(one) not in others for one in _referents(value))


def slot_of(value: object, name: str, place: int) -> tuple[object, ...]:
    """Return the slot's value in a tuple, or an empty tuple while it is not set."""
    member = _namespace_of(_mro_of(type(value))[place]).get(name)
    if type(member) is not MemberDescriptorType:
        return ()
    try:
        return (member.__get__(value),)
    except AttributeError:
        return ()


def peek_attribute(value: object, name: str, readings: Readings) -> tuple[object, ...]:
    """Return what the object itself holds under `name`, in a tuple; empty if it must be asked.

    Looks into the instance's dictionary and slots, a class's or module's namespace; a property is
    not run.
    """
    kind = type(value)
    if kind is type:
        members = _namespace_of(value)
    else:
        reading = readings.of(kind)
        members = instance_namespace(value, reading)
        for slot, place in reading.slots:
            if slot == name:
                return slot_of(value, name, place)
    if members is not None and name in members:
        return (members[name],)
    return ()


def peek_item(value: object, key: object) -> tuple[object, ...]:
    """Return the item under `key` in a tuple; empty where looking could run the program's code."""
    kind = type(key)
    # Only which type a key has: `isinstance` would ask its `__class__`, `in` the type's `__eq__`.
    is_number = kind is int or kind is bool
    if type(value) is list and is_number:
        place = cast("int", key)
        return (value[place],) if -len(value) <= place < len(value) else ()
    if type(value) is dict and (is_number or kind is str) and key in value:
        return (value[key],)
    return ()
