"""Writes values that hold others: sequences, sets, dictionaries, instances, exceptions.

A container is read by the methods of the exact builtin type; of a subclass these show the builtin
half, whatever the subclass overrides.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from rewind.capture.types import instance_namespace, slot_of
from rewind.capture.walk import Walk
from rewind.model.values import Omission, Redaction, Tag
from rewind.model.wire import append_text

_LONGEST_NAME = 256
_LEAST = 16
"""Bytes of the budget below which no further item is begun: it would be a stump."""
_Pairs = list[tuple[object, object]]

_SETS: Final = (set, frozenset)
_TOO_WIDE: Final = set().__sizeof__() + (16 << 18)
"""Bytes of a set of whose items none is looked for. It has so many places that all but a few at the
end may be empty, as where a loop takes one after the other, and would be gone through each time."""
_arguments_of = BaseException.__dict__["args"].__get__


def sequence(walk: Walk, value: object, tag: Tag, kind: type, fields: tuple[str, ...] = ()) -> None:
    """Write a list, tuple, set or the like, `kind` being the builtin type that reads it.

    `fields` name the first items, as a named tuple's do.
    """
    if walk.seen(value):
        return
    size = kind.__len__(value)  # type: ignore[attr-defined]
    reason = walk.enter(value)
    items: list[object] = []
    if reason is None and kind in _SETS and kind.__sizeof__(value) >= _TOO_WIDE:
        reason = Omission.ITEMS if size else None
    elif reason is None:
        items, reason = _taken(walk, size, lambda: kind.__iter__(value))  # type: ignore[attr-defined]
    start = walk.open(tag, value, size)
    written, reason = _items(walk, items, reason, fields)
    walk.close(start, 3 + written, reason)


def dictionary(walk: Walk, value: object) -> None:
    """Write a dictionary; an item whose key is a secret name is withheld."""
    if walk.seen(value):
        return
    size = dict.__len__(value)  # type: ignore[arg-type]
    reason = walk.enter(value)
    items: _Pairs = []
    if reason is None:
        items, reason = _taken(walk, size, lambda: dict.items(value))  # type: ignore[arg-type]
    start = walk.open(Tag.DICT, value, size)
    written, reason = _pairs(walk, items, reason, walk.means.write)
    walk.close(start, 3 + written, reason)


def instance(walk: Walk, value: object) -> None:
    """Write what an instance holds in its own dictionary and slots."""
    means = walk.means
    reading = means.readings.of(type(value))
    namespace: dict[Any, object] = instance_namespace(value, reading) or {}
    held = ((name, slot_of(value, name, place)) for name, place in reading.slots)
    slots = [(name, found[0]) for name, found in held if found]
    size = len(namespace) + len(slots)
    reason = walk.enter(value)
    items: _Pairs = []
    if reason is None:
        items, reason = _taken(walk, size, lambda: dict.items(namespace))
        items += slots[: means.limits.max_items - len(items)]
    start = walk.open(Tag.INSTANCE, value, size, reading.name)
    written, reason = _pairs(walk, items, reason, _attribute)
    walk.close(start, 4 + written, reason)


def exception(walk: Walk, value: object, name: str) -> None:
    """Write an exception with its arguments."""
    arguments: tuple[object, ...] = _arguments_of(value)
    reason = walk.enter(value)
    items: list[object] = []
    if reason is None:
        items, reason = _taken(walk, len(arguments), lambda: arguments)
    start = walk.open(Tag.EXCEPTION, value, len(arguments), name)
    written, reason = _items(walk, items, reason, ())
    walk.close(start, 4 + written, reason)


def _taken(walk: Walk, size: int, items: Callable[[], Any]) -> tuple[list[Any], Omission | None]:
    """Return as many items as may be shown, and why not all of them."""
    limit = walk.means.limits.max_items
    try:
        # In one go, so that hardly another thread can come between.
        return list(islice(items(), limit)), Omission.ITEMS if size > limit else None
    except RuntimeError:
        return [], Omission.CHANGED


def _items(
    walk: Walk, items: list[object], reason: Omission | None, fields: tuple[str, ...]
) -> tuple[int, Omission | None]:
    """Write items; return how many elements that were, and why a part of them is not there."""
    means = walk.means
    for place, item in enumerate(items):
        if walk.left < _LEAST:
            return place, Omission.BYTES
        if place < len(fields) and means.secrets.covers(fields[place]):
            walk.withhold(Redaction.NAME, item)
        else:
            means.write(walk, item)
    return len(items), reason


def _pairs(
    walk: Walk, items: _Pairs, reason: Omission | None, write_key: Callable[[Walk, object], None]
) -> tuple[int, Omission | None]:
    """Write keys and values; return how many elements that were, and why a part is not there."""
    means = walk.means
    for place, (key, item) in enumerate(items):
        if walk.left < _LEAST:
            return 2 * place, Omission.BYTES
        write_key(walk, key)
        name = _name_in(walk, key)
        if name is not None and means.secrets.covers(name):
            walk.withhold(Redaction.NAME, item)
        else:
            means.write(walk, item)
    return 2 * len(items), reason


def _attribute(walk: Walk, name: object) -> None:
    """Write an attribute's name, which is text whatever the program put into the dictionary."""
    shown = name if type(name) is str else f"<{walk.means.readings.of(type(name)).name}>"
    append_text(walk.out, shown[:_LONGEST_NAME])


def _name_in(walk: Walk, key: object) -> str | None:
    """Return the name that a key is, be it of a subclass of text or of bytes."""
    if type(key) is str:
        return key
    if type(key) is bytes:
        return key[:_LONGEST_NAME].decode("latin-1")
    if walk.means.readings.of(type(key)).base is str:
        return str.__str__(key)
    return None
