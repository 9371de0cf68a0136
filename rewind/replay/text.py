"""A value in one line, the way Python's own `repr` would write it, shortened to a length.

What was left out is `…`, what was withheld is `REDACTED`, an object that was not looked into is
its type in angle brackets. The text is made piece by piece, so a large value costs no more than
the length asked for.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rewind.model.values import Omission, Tag
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
    cut_reason,
)

DEFAULT_LENGTH: Final = 200
CUT: Final = "…"
# Brackets that Python's own texts do not use: nobody takes the mark for recorded data.
REDACTED: Final = "\u2039redacted\u203a"
UNBOUND: Final = "\u2039unbound\u203a"
_DECIMAL_BITS: Final = 256
_BRACKETS: Final = {
    Tag.LIST: ("[", "]"),
    Tag.TUPLE: ("(", ")"),
    Tag.SET: ("{", "}"),
    Tag.FROZENSET: ("frozenset({", "})"),
}
_EMPTY_SETS: Final = {Tag.SET: "set()", Tag.FROZENSET: "frozenset()"}
_NAMED: Final = {
    Tag.TYPE: "<class '{}'>",
    Tag.FUNCTION: "<function {}>",
    Tag.MODULE: "<module '{}'>",
}


def one_line(value: Value, length: int = DEFAULT_LENGTH) -> str:
    """Return the value as text of `length` characters at most."""
    return _joined(_pieces(value, length), length)


def arguments_line(arguments: Iterable[tuple[str, Value]], length: int = DEFAULT_LENGTH) -> str:
    """Return a call's arguments as `(order=Order(total=3), code='SPRING')`."""
    return _joined(_enclosed("(", _assigned(arguments, length), ")"), length)


def _joined(pieces: Iterator[str], length: int) -> str:
    parts: list[str] = []
    room = length
    for piece in pieces:
        parts.append(piece)
        room -= len(piece)
        if room < 0:
            return _printable("".join(parts)[: max(length - 1, 0)]) + CUT
    return _printable("".join(parts))


def _printable(text: str) -> str:
    """Keep names and well-known texts on the line, and escape sequences off the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _pieces(value: Value, length: int) -> Iterator[str]:
    match value:
        case Items():
            yield from _sequence(value, length)
        case Pairs():
            yield from _enclosed("{", _entries(value, length), "}")
        case Instance():
            yield from _called(value.type, _attributes(value, length))
        case Raised():
            yield from _called(value.type, _listed(value, length))
        case Subclass():
            yield from _called(value.type, iter([_pieces(value.value, length)]))
        case Omitted() | Seen() | Redacted():
            yield _absent(value)
        case Prefix():
            yield _prefix(value, length)
        case Opaque() | Integer() | Named() | Known():
            yield _atom(value)
        case str():
            yield _quoted(value, length)
        case _:
            yield repr(value)


def _enclosed(opening: str, parts: Iterable[Iterator[str]], closing: str) -> Iterator[str]:
    yield opening
    for index, part in enumerate(parts):
        if index:
            yield ", "
        yield from part
    yield closing


def _called(type_name: str, parts: Iterable[Iterator[str]]) -> Iterator[str]:
    return _enclosed(f"{type_name.rpartition('.')[2]}(", parts, ")")


def _sequence(value: Items, length: int) -> Iterator[str]:
    opening, closing = _BRACKETS[value.tag]
    if not value.items and value.rest is None:
        yield _EMPTY_SETS.get(value.tag, opening + closing)
        return
    if value.tag is Tag.TUPLE and value.size == 1:
        closing = ",)"
    yield from _enclosed(opening, _listed(value, length), closing)


def _listed(value: Items | Raised, length: int) -> Iterator[Iterator[str]]:
    for item in value.items if isinstance(value, Items) else value.arguments:
        yield _pieces(item, length)
    yield from _remainder(value.rest)


def _entries(value: Pairs, length: int) -> Iterator[Iterator[str]]:
    for key, item in value.pairs:
        yield _entry(key, item, length)
    yield from _remainder(value.rest)


def _entry(key: Value, item: Value, length: int) -> Iterator[str]:
    yield from _pieces(key, length)
    yield ": "
    yield from _pieces(item, length)


def _attributes(value: Instance, length: int) -> Iterator[Iterator[str]]:
    yield from _assigned(value.attributes, length)
    yield from _remainder(value.rest)


def _assigned(named: Iterable[tuple[str, Value]], length: int) -> Iterator[Iterator[str]]:
    for name, item in named:
        yield _assignment(name, item, length)


def _assignment(name: str, item: Value, length: int) -> Iterator[str]:
    yield f"{name}="
    yield from _pieces(item, length)


def _remainder(rest: Omission | None) -> Iterator[Iterator[str]]:
    if rest is not None:
        yield iter((CUT,))


def _absent(value: Omitted | Seen | Redacted) -> str:
    if isinstance(value, Redacted):
        return REDACTED
    if isinstance(value, Omitted) and value.reason is Omission.UNBOUND:
        return UNBOUND
    return CUT


def _quoted(value: str, length: int) -> str:
    return repr(value) if len(value) <= length else repr(value[: length + 1])


def _prefix(value: Prefix, length: int) -> str:
    shown = repr(value.prefix[: length + 1])
    if cut_reason(value) is not None:
        shown = f"{shown[:-1]}{CUT}{shown[-1]}"
    return f"bytearray({shown})" if value.tag is Tag.BYTEARRAY else shown


def _atom(value: Opaque | Integer | Named | Known) -> str:
    match value:
        case Opaque():
            return f"<{value.type}>"
        case Integer():
            return _integer(value)
        case Named():
            return _NAMED[value.tag].format(value.name)
        case Known():
            return value.text


def _integer(value: Integer) -> str:
    if not value.digits:
        return f"<int of {value.bits} bits>"
    return str(int(value.digits, 16)) if value.bits <= _DECIMAL_BITS else value.digits
