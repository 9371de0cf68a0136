"""A value as a tree for the page: each node one line of text, and what it opens into.

The shape is `docs/json.md`'s: `{"text", "type", "id"?, "size"?, "note"?, "children"?}`. A note is
said where a value was redacted or cut; the page shows it as it stands.
"""

from collections.abc import Iterable, Iterator

from rewind.replay.natural import OMISSIONS, REDACTIONS, Json
from rewind.replay.text import one_line
from rewind.replay.values import (
    Instance,
    Items,
    Omitted,
    Pairs,
    Prefix,
    Raised,
    Redacted,
    Seen,
    Subclass,
    Value,
    cut_reason,
    display_type,
    identity,
    type_name,
)


def tree(value: Value) -> dict[str, Json]:
    """Return the value's node with all its descendants."""
    node: dict[str, Json] = {"text": one_line(value), "type": display_type(type_name(value))}
    known = identity(value)
    if known is not None:
        node["id"] = known
    content = value.value if isinstance(value, Subclass) else value
    if isinstance(content, (Items, Pairs, Instance, Raised, Prefix)):
        node["size"] = content.size
    note = _note(content)
    if note is not None:
        node["note"] = note
    children: list[Json] = [{"name": name, "tree": tree(child)} for name, child in _within(content)]
    if children:
        node["children"] = children
    return node


def _note(value: Value) -> str | None:
    reason = value.reason if isinstance(value, Omitted) else cut_reason(value)
    if reason is not None:
        return f"cut: {OMISSIONS[reason]}"
    if isinstance(value, Redacted):
        return f"redacted: by {REDACTIONS[value.reason]}"
    return "seen above" if isinstance(value, Seen) else None


def _within(value: Value) -> Iterator[tuple[str, Value]]:
    match value:
        case Items():
            yield from _numbered(value.items)
        case Raised():
            yield from _numbered(value.arguments)
        case Pairs():
            yield from ((one_line(key), item) for key, item in value.pairs)
        case Instance():
            yield from value.attributes
        case _:
            return


def _numbered(items: Iterable[Value]) -> Iterator[tuple[str, Value]]:
    return ((str(index), item) for index, item in enumerate(items))
