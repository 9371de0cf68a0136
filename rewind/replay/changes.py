"""What became of recorded objects after they were captured whole.

A variable's value is a picture of the moment it was written. `order.total = 3` and
`prices["tea"] = 4` write no variable: they are events of their own, which name the object by its
identity. `Changes` gathers them over a stretch of a session and brings a picture up to date.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final, NamedTuple

from rewind.model import events
from rewind.model.values import Tag
from rewind.replay.events import Event, EventQuery
from rewind.replay.frames import DELETED, Absence
from rewind.replay.operations import Unanswerable, is_equal, number_of
from rewind.replay.session import Session
from rewind.replay.sites import PAYLOAD_AT
from rewind.replay.values import Instance, Items, Pairs, Seen, Subclass, Value, identity, parse

MOST_EVENTS: Final = 50_000
"""A stretch of more events is not looked through: what was captured before it stays as it was."""
_NEAR: Final = 5000
"""Up to so many events, to decode them costs less than to ask which chunks are worth it."""

_KINDS: Final = frozenset(
    (events.ATTRIBUTE, events.ITEM, events.DELETE, events.VARIABLE, events.MUTATE)
)
_OWNED: Final = frozenset((events.ATTRIBUTE, events.ITEM, events.DELETE))
_WHOLES: Final = frozenset((events.VARIABLE, events.MUTATE))
_CHANGING: Final = frozenset((Tag.LIST, Tag.SET, Tag.DICT, Tag.INSTANCE))


class _Change(NamedTuple):
    """What one event did to an object."""

    n: int
    part: object
    """The attribute's name, the item's key as recorded, or `_WHOLE`."""
    value: object
    """As recorded, or `DELETED`."""
    is_item: bool


_WHOLE: Final = object()
_number: Final = attrgetter("n")


class Changes:
    """The changes of objects in one stretch of a session; used by one thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._first = 1
        self._last = 0
        self._found: dict[int, list[_Change]] = {}
        self._latest: dict[int, int] = {}
        """The event of an object's last change, by its identity."""

    def cover(self, since: int, n: int) -> bool:
        """Learn of the changes after event `since` and up to `n`.

        False where that is too long a stretch; then only what is known already is told.
        """
        if since == n >= self._last:
            return True  # What is known may be of use again.
        anew = since < self._first - 1 or since > self._last or n < self._last
        start = since if anew else self._last
        if n - start > MOST_EVENTS:
            return False
        if anew:
            self._first, self._found, self._latest = since + 1, {}, {}
        for event in self._between(start + 1, n):
            self._note(event)
        self._last = n
        return True

    def current(self, value: Value, since: int, before: int | None = None) -> Value:
        """Return a value that was captured at event `since` as it is at the end of the stretch.

        With `before`, as it was right before that event of the stretch.
        """
        if not self._found:
            return value
        return _Refreshing(self._found, before or self._last + 1).refresh(value, since)

    def last(self, value: Value) -> int:
        """Return the stretch's last event that changed a value or what it holds, as told; or 0."""
        return max((self._latest.get(known, 0) for known in _objects(value)), default=0)

    def _between(self, first: int, last: int) -> Iterator[Event]:
        kinds = _KINDS if last - first > _NEAR else frozenset[str]()
        return self._session.events(EventQuery(first=first, last=last, kinds=kinds))

    def _note(self, event: Event) -> None:
        kind, record = event.kind, event.record
        if kind in _OWNED and len(record) > PAYLOAD_AT:
            self._note_part(event)
        elif kind in _WHOLES:
            known = _identity(record[PAYLOAD_AT])
            if known is not None:
                change = _Change(event.n, _WHOLE, record[PAYLOAD_AT], is_item=False)
                self._found.setdefault(known, []).append(change)
                # Another name for it changes nothing.
                if kind == events.MUTATE:
                    self._latest[known] = event.n

    def _note_part(self, event: Event) -> None:
        owner = event.record[PAYLOAD_AT]
        if not isinstance(owner, tuple) or owner[0] != Tag.OPAQUE:
            return
        is_item = event.has_key
        part = event.record[PAYLOAD_AT + 1] if is_item else event.place.site.name
        value = DELETED if event.kind == events.DELETE else event.record[PAYLOAD_AT + 1 + is_item]
        self._found.setdefault(owner[1], []).append(_Change(event.n, part, value, is_item))
        self._latest[owner[1]] = event.n


def can_change(raw: object) -> bool:
    """Return whether a recorded value is, or holds, an object that can change."""
    return isinstance(raw, tuple) and raw[0] in (*_CHANGING, Tag.TUPLE, Tag.SUBCLASS)


def _identity(raw: object) -> int | None:
    """Return the identity of a container as recorded; None of anything else."""
    while isinstance(raw, tuple) and raw[0] == Tag.SUBCLASS:
        raw = raw[2]
    if isinstance(raw, tuple) and raw[0] in _CHANGING:
        known: int = raw[1]
        return known
    return None


def _objects(value: Value) -> Iterator[int]:
    """Yield the identities of a container and of those that it holds."""
    known = identity(value)
    if known is not None:
        yield known
    for part in _parts(value):
        yield from _objects(part)


def _parts(value: Value) -> Iterable[Value]:
    match value:
        case Items():
            return value.items
        case Pairs():
            return (item for _, item in value.pairs)
        case Instance():
            return (held for _, held in value.attributes)
        case Subclass():
            return _parts(value.value)
        case _:
            return ()


class _Refreshing:
    """Brings one value up to date, with all that it holds."""

    def __init__(self, found: dict[int, list[_Change]], before: int) -> None:
        self._found = found
        self._before = before
        self._within: set[int] = set()

    def refresh(self, value: Value, since: int) -> Value:
        known = identity(value)
        if known is None:
            return self._inside(value, since)
        if known in self._within:
            return Seen(known)
        self._within.add(known)
        try:
            return self._changed(value, since, self._found.get(known, []))
        finally:
            self._within.discard(known)

    def _changed(self, value: Value, since: int, changes: list[_Change]) -> Value:
        past = bisect_right(changes, since, key=_number)
        later = changes[past : bisect_left(changes, self._before, past, key=_number)]
        for index in range(len(later) - 1, -1, -1):
            whole = later[index]
            if whole.part is _WHOLE:
                value, since, later = parse(whole.value), whole.n, later[index + 1 :]
                break
        value = self._inside(value, since)
        for change in later:
            fresh = None
            if not isinstance(change.value, Absence):
                fresh = self.refresh(parse(change.value), change.n)
            value = _applied(value, change, fresh)
        return value

    def _inside(self, value: Value, since: int) -> Value:
        match value:
            case Items():
                return replace(value, items=tuple(self.refresh(i, since) for i in value.items))
            case Pairs():
                pairs = tuple((key, self.refresh(item, since)) for key, item in value.pairs)
                return replace(value, pairs=pairs)
            case Instance():
                named = tuple((name, self.refresh(v, since)) for name, v in value.attributes)
                return replace(value, attributes=named)
            case Subclass():
                return replace(value, value=self._inside(value.value, since))
            case _:
                return value


def _applied(value: Value, change: _Change, fresh: Value) -> Value:
    """Return the value with one part set to `fresh`, or deleted."""
    deleted = change.value is DELETED
    match value:
        case Subclass():
            return replace(value, value=_applied(value.value, change, fresh))
        case Instance() if not change.is_item:
            rest = tuple(pair for pair in value.attributes if pair[0] != change.part)
            return _with_attribute(value, rest, None if deleted else (str(change.part), fresh))
        case Pairs() if change.is_item:
            return _with_item(value, parse(change.part), fresh, deleted=deleted)
        case Items(tag=Tag.LIST) if change.is_item:
            return _with_element(value, number_of(parse(change.part)), fresh, deleted=deleted)
        case _:
            return value


def _with_attribute(
    value: Instance, others: tuple[tuple[str, Value], ...], new: tuple[str, Value] | None
) -> Instance:
    if new is None:
        return replace(value, attributes=others, size=value.size - 1)
    known = [name for name, _ in value.attributes]
    if new[0] not in known:
        return replace(value, attributes=(*others, new), size=value.size + 1)
    place = known.index(new[0])
    return replace(value, attributes=(*others[:place], new, *others[place:]))


def _with_item(value: Pairs, key: Value, fresh: Value, *, deleted: bool) -> Pairs:
    place = next((i for i, (other, _) in enumerate(value.pairs) if _equals(other, key)), None)
    pairs = list(value.pairs)
    if place is not None:
        pairs[place : place + 1] = [] if deleted else [(pairs[place][0], fresh)]
        return replace(value, pairs=tuple(pairs), size=value.size - deleted)
    if deleted or value.rest is not None:
        # The key may be among those that were cut.
        return value
    return replace(value, pairs=(*value.pairs, (key, fresh)), size=value.size + 1)


def _with_element(value: Items, index: object, fresh: Value, *, deleted: bool) -> Items:
    if not isinstance(index, int) or not -value.size <= index < value.size:
        return value
    place = index % value.size
    items = list(value.items)
    if place < len(items):
        items[place : place + 1] = [] if deleted else [fresh]
    return replace(value, items=tuple(items), size=value.size - deleted)


def _equals(left: Value, right: Value) -> bool:
    try:
        return is_equal(left, right)
    except Unanswerable:
        return False
