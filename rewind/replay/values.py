"""Captured values as read models: msgpack as recorded goes in, checked shapes come out.

First step of showing a value; `natural`, `text` and `tree` then give it three forms. What does not
follow `rewind.model.values` raises `FormatError`. Nothing here makes the recorded object again: no
recorded name is imported, looked up or called.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rewind.errors import FormatError
from rewind.model.values import Omission, Redaction, Tag

MAX_NESTING: Final = 64
"""Levels that are shown; what a recording nests deeper counts as cut by depth."""

Scalar = None | bool | int | float | str | bytes | complex


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple, set or frozenset; `rest` says why fewer than `size` items are there."""

    tag: Tag
    id: int
    size: int
    items: "tuple[Value, ...]"
    rest: Omission | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dictionary, in its order."""

    id: int
    size: int
    pairs: "tuple[tuple[Value, Value], ...]"
    rest: Omission | None


@dataclass(frozen=True, slots=True)
class Instance:
    """An object and its attributes."""

    id: int
    type: str
    size: int
    attributes: "tuple[tuple[str, Value], ...]"
    rest: Omission | None


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception and its arguments."""

    id: int
    type: str
    size: int
    arguments: "tuple[Value, ...]"
    rest: Omission | None


@dataclass(frozen=True, slots=True)
class Opaque:
    """An object of which type and identity are all that was recorded."""

    id: int
    type: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a text, bytes or bytearray of `size` characters or bytes."""

    tag: Tag
    size: int
    prefix: str | bytes
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer beyond 64 bits; `digits` as `hex()` writes them, empty if too many to keep."""

    bits: int
    digits: str


@dataclass(frozen=True, slots=True)
class Named:
    """A class, function or module: `TYPE`, `FUNCTION` or `MODULE` and the dotted name."""

    tag: Tag
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A value that was withheld."""

    reason: Redaction
    type: str


@dataclass(frozen=True, slots=True)
class Omitted:
    """A value that was left out."""

    reason: Omission


@dataclass(frozen=True, slots=True)
class Seen:
    """A container that this value is inside of."""

    id: int


@dataclass(frozen=True, slots=True)
class Subclass:
    """An instance of a subclass of a builtin; `value` is its builtin half."""

    type: str
    value: "Value"


@dataclass(frozen=True, slots=True)
class Known:
    """A well-known type's object, `text` as its repr would say."""

    id: int
    type: str
    text: str


Value = (
    Scalar
    | Items
    | Pairs
    | Instance
    | Raised
    | Opaque
    | Prefix
    | Integer
    | Named
    | Redacted
    | Omitted
    | Seen
    | Subclass
    | Known
)


def parse(raw: object, nesting: int = 0) -> Value:
    """Return the value that msgpack `raw` (arrays as tuples) stands for.

    Raises `FormatError` where it is not written as `rewind.model.values` says.
    """
    if not isinstance(raw, tuple):
        if raw is None or isinstance(raw, (bool, int, float, str, bytes)):
            return raw
        message = f"a value of msgpack type {type(raw).__name__} is none of Rewind's"
        raise FormatError(message)
    if nesting >= MAX_NESTING:
        return Omitted(Omission.DEPTH)
    try:
        return _PARSERS[raw[0]](raw, nesting + 1)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        message = f"a value's node is malformed: {type(error).__name__}: {error}"
        raise FormatError(message) from error


def identity(value: Value) -> int | None:
    """Return the identity of an object that can change; None for a value that cannot."""
    match value:
        case Items(tag=Tag.LIST | Tag.SET) | Pairs() | Instance() | Raised() | Opaque():
            return value.id
        case Prefix():
            return value.id
        case Subclass():
            return identity(value.value)
        case _:
            return None


def cut_reason(value: Value) -> Omission | None:
    """Return why the value is only a part, or None where it is whole."""
    match value:
        case Items() | Pairs() | Instance() | Raised():
            return value.rest
        case Prefix() if value.size > len(value.prefix):
            return Omission.BYTES
        case _:
            return None


def type_name(value: Value) -> str:
    """Return the value's type as `module.QualName`; empty for an omitted or seen one."""
    match value:
        case Instance() | Raised() | Opaque() | Redacted() | Subclass() | Known():
            return value.type
        case Items() | Prefix() | Named():
            return _TAG_TYPES[value.tag]
        case Pairs():
            return "builtins.dict"
        case Integer():
            return "builtins.int"
        case Omitted() | Seen():
            return ""
        case _:
            return f"builtins.{type(value).__name__}"


def display_type(name: str) -> str:
    """Return a type's name as a traceback writes it: without `builtins.` and `__main__.`."""
    return name.removeprefix("builtins.").removeprefix("__main__.")


_TAG_TYPES: Final = {
    Tag.LIST: "builtins.list",
    Tag.TUPLE: "builtins.tuple",
    Tag.SET: "builtins.set",
    Tag.FROZENSET: "builtins.frozenset",
    Tag.TEXT: "builtins.str",
    Tag.BYTES: "builtins.bytes",
    Tag.BYTEARRAY: "builtins.bytearray",
    Tag.TYPE: "builtins.type",
    Tag.FUNCTION: "builtins.function",
    Tag.MODULE: "builtins.module",
}

_Node = tuple[object, ...]


def _whole(item: object) -> int:
    if isinstance(item, int) and not isinstance(item, bool):
        return item
    message = f"{type(item).__name__} where an integer belongs"
    raise TypeError(message)


def _word(item: object) -> str:
    if isinstance(item, str):
        return item
    message = f"{type(item).__name__} where text belongs"
    raise TypeError(message)


def _split(content: _Node, size: int) -> tuple[_Node, Omission | None]:
    """Part a container's elements from the `OMITTED` node that closes a cut one.

    One more item than can be told by counting: a whole container's last item may itself be
    omitted, and then it is for its depth.
    """
    last = content[-1] if content else None
    if isinstance(last, tuple) and last[0] == Tag.OMITTED:
        reason = Omission(_whole(last[1]))
        if reason is not Omission.DEPTH or len(content) < size:
            return content[:-1], reason
    return content, None


def _split_pairs(content: _Node) -> tuple[_Node, Omission | None]:
    """Part keys and values likewise: an odd one at the end closes."""
    if len(content) % 2 == 0:
        return content, None
    last = content[-1]
    if isinstance(last, tuple) and last[0] == Tag.OMITTED:
        return content[:-1], Omission(_whole(last[1]))
    message = "a key without a value"
    raise ValueError(message)


def _values(raw: Iterable[object], nesting: int) -> tuple[Value, ...]:
    return tuple(parse(item, nesting) for item in raw)


def _paired(flat: _Node) -> Iterator[tuple[object, object]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _items(raw: _Node, nesting: int) -> Value:
    size = _whole(raw[2])
    content, rest = _split(raw[3:], size)
    return Items(Tag(_whole(raw[0])), _whole(raw[1]), size, _values(content, nesting), rest)


def _pairs(raw: _Node, nesting: int) -> Value:
    content, rest = _split_pairs(raw[3:])
    pairs = tuple((parse(k, nesting), parse(v, nesting)) for k, v in _paired(content))
    return Pairs(_whole(raw[1]), _whole(raw[2]), pairs, rest)


def _instance(raw: _Node, nesting: int) -> Value:
    content, rest = _split_pairs(raw[4:])
    attributes = tuple((_word(name), parse(v, nesting)) for name, v in _paired(content))
    return Instance(_whole(raw[1]), _word(raw[2]), _whole(raw[3]), attributes, rest)


def _raised(raw: _Node, nesting: int) -> Value:
    size = _whole(raw[3])
    content, rest = _split(raw[4:], size)
    return Raised(_whole(raw[1]), _word(raw[2]), size, _values(content, nesting), rest)


def _bytes(raw: _Node, _: int) -> Value:
    if not isinstance(raw[2], bytes):
        message = f"{type(raw[2]).__name__} where bytes belong"
        raise TypeError(message)
    return Prefix(Tag.BYTES, _whole(raw[1]), raw[2])


def _bytearray(raw: _Node, _: int) -> Value:
    if not isinstance(raw[3], bytes):
        message = f"{type(raw[3]).__name__} where bytes belong"
        raise TypeError(message)
    return Prefix(Tag.BYTEARRAY, _whole(raw[2]), raw[3], _whole(raw[1]))


def _integer(raw: _Node, _: int) -> Value:
    bits, digits = _whole(raw[1]), _word(raw[2])
    if digits and int(digits, 16).bit_length() != bits:
        message = f"an integer of {bits} bits has other digits"
        raise ValueError(message)
    return Integer(bits, digits)


def _complex(raw: _Node, _: int) -> Value:
    real, imaginary = raw[1], raw[2]
    if isinstance(real, (int, float)) and isinstance(imaginary, (int, float)):
        return complex(real, imaginary)
    message = "a complex number's parts are no numbers"
    raise TypeError(message)


def _named(raw: _Node, _: int) -> Value:
    return Named(Tag(_whole(raw[0])), _whole(raw[1]), _word(raw[2]))


_PARSERS: Final[dict[object, Callable[[_Node, int], Value]]] = {
    Tag.LIST: _items,
    Tag.TUPLE: _items,
    Tag.SET: _items,
    Tag.FROZENSET: _items,
    Tag.DICT: _pairs,
    Tag.INSTANCE: _instance,
    Tag.OPAQUE: lambda raw, _: Opaque(_whole(raw[1]), _word(raw[2])),
    Tag.TEXT: lambda raw, _: Prefix(Tag.TEXT, _whole(raw[1]), _word(raw[2])),
    Tag.BYTES: _bytes,
    Tag.INTEGER: _integer,
    Tag.COMPLEX: _complex,
    Tag.EXCEPTION: _raised,
    Tag.TYPE: _named,
    Tag.FUNCTION: _named,
    Tag.MODULE: _named,
    Tag.REDACTED: lambda raw, _: Redacted(Redaction(_whole(raw[1])), _word(raw[2])),
    Tag.OMITTED: lambda raw, _: Omitted(Omission(_whole(raw[1]))),
    Tag.SEEN: lambda raw, _: Seen(_whole(raw[1])),
    Tag.SUBCLASS: lambda raw, nesting: Subclass(_word(raw[1]), parse(raw[2], nesting)),
    Tag.KNOWN: lambda raw, _: Known(_whole(raw[1]), _word(raw[2]), _word(raw[3])),
    Tag.BYTEARRAY: _bytearray,
}
