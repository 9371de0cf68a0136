"""What a value says, apart from which object it was: by this values of two runs are compared.

Identities are left out, and so is the order of sets, which differs from run to run. Everything else
counts, what was cut and withheld included.
"""

from collections.abc import Hashable

from rewind.model.values import Tag
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
    Seen,
    Subclass,
    Value,
)

_SETS = (Tag.SET, Tag.FROZENSET)


def shape(value: Value) -> Hashable:
    """Return what is the same for two values exactly if they say the same."""
    found: Hashable
    match value:
        case Items():
            found = value.tag, value.size, value.rest, _elements(value)
        case Pairs():
            pairs = tuple((shape(key), shape(each)) for key, each in value.pairs)
            found = "dict", value.size, value.rest, pairs
        case Instance():
            attributes = tuple((name, shape(each)) for name, each in value.attributes)
            found = value.type, value.size, value.rest, attributes
        case Raised():
            found = value.type, value.size, value.rest, tuple(map(shape, value.arguments))
        case Subclass():
            found = value.type, shape(value.value)
        case _:
            found = _leaf(value)
    return found


def _elements(value: Items) -> Hashable:
    if value.tag not in _SETS:
        return tuple(map(shape, value.items))
    # Which elements a set that was cut still tells is by chance.
    return None if value.rest is not None else frozenset(map(shape, value.items))


def _leaf(value: Value) -> Hashable:
    found: Hashable
    match value:
        case Prefix():
            found = value.tag, value.size, value.prefix
        case Known():
            found = value.type, value.text
        case Opaque():
            found = "opaque", value.type
        case Named():
            found = value.tag, value.name
        case Seen():
            found = "seen"
        case Integer() | Redacted() | Omitted():
            found = value
        case _:
            # 1, 1.0 and True are equal and say different things; NaN says what NaN says.
            found = type(value), repr(value)
    return found
