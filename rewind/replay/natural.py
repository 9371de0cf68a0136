"""A value as natural JSON: the forms of `docs/json.md`, part "Values".

What JSON has is itself; everything else is an object with one key that begins with `$`.
"""

import builtins
from base64 import b64encode
from math import isfinite
from typing import Final

from rewind.model.values import Omission, Redaction, Tag
from rewind.replay.text import one_line
from rewind.replay.values import (
    Instance,
    Integer,
    Items,
    Known,
    Named,
    Omitted,
    Opaque,
    Pairs,
    Prefix,
    Raised,
    Redacted,
    Scalar,
    Seen,
    Subclass,
    Value,
    cut_reason,
)

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What `json.dumps` takes; keys are text."""

OMISSIONS: Final = {reason: reason.name.lower() for reason in Omission}
REDACTIONS: Final = {reason: reason.name.lower() for reason in Redaction}
_NAMED: Final = {Tag.TYPE: "$class", Tag.FUNCTION: "$function", Tag.MODULE: "$module"}
_SYSTEM_ERRORS: Final = frozenset(
    f"builtins.{name}"
    for name, item in vars(builtins).items()
    if isinstance(item, type) and issubclass(item, OSError)
)


def natural(value: Value) -> Json:
    """Return the value as JSON that says all that was recorded of it."""
    part = _part(value)
    if isinstance(value, (Items, Pairs, Instance, Raised, Prefix)):
        reason = cut_reason(value)
        if reason is not None:
            return {"$cut": OMISSIONS[reason], "size": value.size, "value": part}
    return part


def _part(value: Value) -> Json:
    match value:
        case Items():
            return _sequence(value)
        case Pairs():
            return _dictionary(value)
        case Prefix():
            return _prefix(value)
        case Omitted() | Seen() | Redacted():
            return _absent(value)
        case Instance() | Raised() | Opaque() | Known() | Subclass() | Named():
            return _object(value)
        case _:
            return _scalar(value)


def _sequence(value: Items) -> Json:
    items = [natural(item) for item in value.items]
    match value.tag:
        case Tag.SET:
            return {"$set": items}
        case Tag.FROZENSET:
            return {"$frozenset": items}
        case _:
            return items


def _dictionary(value: Pairs) -> Json:
    plain = {
        key: natural(item)
        for key, item in value.pairs
        if isinstance(key, str) and not key.startswith("$")
    }
    if len(plain) == len(value.pairs):
        return plain
    return {"$dict": [[natural(key), natural(item)] for key, item in value.pairs]}


def _object(value: Instance | Raised | Opaque | Known | Subclass | Named) -> Json:
    match value:
        case Instance():
            attributes = {name: natural(item) for name, item in value.attributes}
            return {"$type": value.type, "id": value.id, "attributes": attributes}
        case Raised():
            return _exception(value)
        case Opaque():
            return {"$type": value.type, "id": value.id}
        case Known():
            return {"$type": value.type, "text": value.text}
        case Subclass():
            return {"$subclass": value.type, "value": natural(value.value)}
        case Named():
            return {_NAMED[value.tag]: value.name}


def _exception(value: Raised) -> Json:
    arguments = [natural(item) for item in value.arguments]
    return {"$type": value.type, "id": value.id, "args": arguments, "message": message(value)}


def message(value: Raised) -> str:
    """Return what `str(exception)` says for exceptions that keep to `BaseException.__str__`.

    A class with a `__str__` of its own may have said something else: it was not called.
    """
    arguments = value.arguments
    if value.type in _SYSTEM_ERRORS and len(arguments) == len(("errno", "strerror")):
        return f"[Errno {_plain(arguments[0])}] {_plain(arguments[1])}"
    if len(arguments) == 1:
        return one_line(arguments[0]) if value.type == "builtins.KeyError" else _plain(arguments[0])
    if not arguments and value.rest is None:
        return ""
    return one_line(Items(Tag.TUPLE, value.id, value.size, arguments, value.rest))


def _plain(value: Value) -> str:
    if isinstance(value, Prefix) and isinstance(value.prefix, str):
        return f"{value.prefix}…"
    return value if isinstance(value, str) else one_line(value)


def _prefix(value: Prefix) -> Json:
    if isinstance(value.prefix, str):
        return value.prefix
    return {"$bytearray" if value.tag is Tag.BYTEARRAY else "$bytes": _base64(value.prefix)}


def _absent(value: Omitted | Seen | Redacted) -> Json:
    match value:
        case Omitted():
            return {"$cut": OMISSIONS[value.reason]}
        case Seen():
            return {"$seen": value.id}
        case Redacted():
            return {"$redacted": REDACTIONS[value.reason], "type": value.type}


def _scalar(value: Scalar | Integer) -> Json:
    match value:
        case Integer():
            return {"$int": value.digits, "bits": value.bits}
        case float() if not isfinite(value):
            return {"$float": repr(value)}
        case complex():
            return {"$complex": [_scalar(value.real), _scalar(value.imag)]}
        case bytes():
            return {"$bytes": _base64(value)}
        case _:
            return value


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
