"""Well-known types shown as their `repr` would, from what is already in memory.

Only for exact types of the standard library whose text runs no code of the program. A type is
recognised by being the very object that its module holds, not by its name.
"""

import sys
from collections.abc import Callable
from types import MemberDescriptorType, WrapperDescriptorType
from typing import Final

from rewind.capture.types import Reading, instance_namespace, qualname_of

_members = type.__dict__["__dict__"].__get__
_Text = Callable[[object], str | None]


def _repr(value: object) -> str:
    return repr(value)


def _moment(value: object) -> str | None:
    # A time zone may be the program's own class; its `__repr__` is not ours to run.
    zone = value.tzinfo  # type: ignore[attr-defined]
    if zone is None or (type(zone) is sys.modules["datetime"].timezone and _zone(zone)):
        return repr(value)
    return f"{value.replace(tzinfo=None)!r} in {qualname_of(type(zone))}"  # type: ignore[attr-defined]


def _zone(value: object) -> str | None:
    # Its name and offset may be of the program's subclasses, whose `__repr__` it would run.
    name, offset = value.tzname(None), value.utcoffset(None)  # type: ignore[attr-defined]
    plain = type(name) is str and type(offset) is sys.modules["datetime"].timedelta
    return repr(value) if plain else None


def _pattern(value: object) -> str | None:
    kind = type(value.pattern)  # type: ignore[attr-defined]
    return repr(value) if kind is str or kind is bytes else None


def _uuid(value: object) -> str | None:
    number = _slot(value, "int")
    if type(number) is not int:
        return None
    digits = f"{number:032x}"
    parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
    return f"UUID('{'-'.join(parts)}')"


def _path(value: object) -> str | None:
    name = type(value).__name__
    raw = _slot(value, "_raw_paths")  # 3.12 and newer
    if type(raw) is list and all(type(part) is str for part in raw):
        return f"{name}({'/'.join(raw)!r})"
    parts, root = _slot(value, "_parts"), _slot(value, "_root")  # 3.11
    if type(parts) is list and type(root) is str:
        rest = parts[1:] if root else parts
        return f"{name}({root + '/'.join(rest) or '.'!r})"
    return None


def _slot(value: object, name: str) -> object:
    for kind in type(value).__mro__:
        member = kind.__dict__.get(name)
        if type(member) is MemberDescriptorType:
            try:
                return member.__get__(value)
            except AttributeError:
                return None
    return None


KNOWN: Final[dict[str, _Text]] = {
    "datetime.datetime": _moment,
    "datetime.time": _moment,
    "datetime.date": _repr,
    "datetime.timedelta": _repr,
    "datetime.timezone": _zone,
    "decimal.Decimal": _repr,
    "uuid.UUID": _uuid,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib._local.PosixPath": _path,
    "pathlib._local.PurePosixPath": _path,
    "re.Pattern": _pattern,
    "builtins.range": _repr,
    "builtins.ellipsis": _repr,
    "builtins.NotImplementedType": _repr,
}
"""By the type's name: gives the text, or None where that would run the program's code."""


_ASKING: Final = (_repr, _moment, _zone, _pattern)
"""Those of which something is asked that a class in Python would answer itself."""


def known_text(value: object, reading: Reading) -> str | None:
    """Return the text of a value whose type is well known, or None; `reading` is its type's."""
    if reading.name in KNOWN:
        return text_of(value, reading.name)
    return _enum_member(value, type(value), reading)


def text_of(value: object, name: str) -> str | None:
    """Return the text of a value whose type has a name that is in `KNOWN`."""
    return KNOWN[name](value) if _is_genuine(type(value), name) else None


def _is_genuine(kind: type, name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    if module == "builtins":
        return kind is range or kind is type(Ellipsis) or kind is type(NotImplemented)
    holder = sys.modules.get(module)
    if holder is None or holder.__dict__.get(attribute) is not kind:
        return False
    # `datetime` and `decimal` have twins in Python, which run where those in C are not there, or
    # not yet (`datetime.py` while it loads, Python 3.11): their `repr` is code of the program's.
    return (
        KNOWN[name] not in _ASKING or type(_members(kind).get("__repr__")) is WrapperDescriptorType
    )


def _enum_member(value: object, kind: type, reading: Reading) -> str | None:
    enum = sys.modules.get("enum")
    if enum is None or type(kind) is not enum.__dict__.get("EnumType"):
        return None
    namespace = instance_namespace(value, reading)
    name = None if namespace is None else namespace.get("_name_")
    if type(name) is not str:
        return None
    return f"{reading.name.rpartition('.')[2]}.{name}"
