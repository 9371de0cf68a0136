"""One event as a reader sees it: the record, its place, and the frame it belongs to.

`EventQuery` is what a reader may ask for: events by number, kind, function and variable. All but
the number is answered by an event's site, so a chunk without such sites is never opened.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from rewind.model import events
from rewind.replay.fold import PAYLOAD_AT, Record
from rewind.replay.frames import Frame
from rewind.replay.sites import Place
from rewind.replay.values import Raised, Value, display_type, parse, type_name

_VALUE_AT: Final = {
    events.RETURN: PAYLOAD_AT,
    events.YIELD: PAYLOAD_AT,
    events.VARIABLE: PAYLOAD_AT,
    events.MUTATE: PAYLOAD_AT,
    events.HANDLED: PAYLOAD_AT,
    events.BRANCH: PAYLOAD_AT,
    events.VALUE: PAYLOAD_AT,
    events.EXCEPTION: PAYLOAD_AT,
    events.RESUME: PAYLOAD_AT + 1,
    events.ATTRIBUTE: PAYLOAD_AT + 1,
    events.ITEM: PAYLOAD_AT + 2,
}
_OWNED: Final = frozenset((events.ATTRIBUTE, events.ITEM, events.DELETE))
_NAMING: Final = frozenset(
    (events.VARIABLE, events.MUTATE, events.HANDLED, events.ATTRIBUTE, events.ITEM, events.DELETE)
)


def check(place: Place, record: Record) -> None:
    """Raise `ValueError` for an event record of that site without the parts that readers rely on.

    Values are not looked into: they are checked when they are parsed.
    """
    kind = place.site.kind
    least = _VALUE_AT.get(kind, PAYLOAD_AT - 1) + 1
    if kind == events.EXCEPTION:
        least = PAYLOAD_AT + 3
    elif kind == events.CALL:
        least = PAYLOAD_AT + place.scope.is_resumable
    if len(record) < least:
        message = "an event is cut short"
        raise ValueError(message)
    if type(record[1]) is not int or (
        kind == events.EXCEPTION and type(record[PAYLOAD_AT + 1]) is not int
    ):
        message = "an event's time or line is no integer"
        raise ValueError(message)


class Event(NamedTuple):
    """An event of a session; what its record holds is parsed when asked for."""

    n: int
    place: Place
    record: Record
    top: Frame | None
    """Top of the call stack at this event."""

    @property
    def frame(self) -> Frame | None:
        """The frame it belongs to; None where the recording lost it."""
        top = self.top
        return top if top is not None and top.opened.scope is self.place.scope else None

    @property
    def kind(self) -> str:
        """One of `rewind.model.events.KINDS`."""
        return self.place.site.kind

    @property
    def time_ns(self) -> int:
        """Nanoseconds since the session's start."""
        time: int = self.record[1]
        return time

    @property
    def line(self) -> int:
        """Line of the site; of an exception, the line of its frame that was running."""
        if self.kind == events.EXCEPTION:
            line: int = self.record[PAYLOAD_AT + 1]
            return line
        return self.place.site.line

    @property
    def name(self) -> str | None:
        """Variable, attribute, receiver, exception type or a branch's test."""
        if self.kind == events.EXCEPTION:
            return display_type(type_name(self.value))
        return self.place.site.name

    @property
    def has_value(self) -> bool:
        """Whether events of this kind carry a value; a call carries arguments instead."""
        return self.kind in _VALUE_AT

    @property
    def value(self) -> Value:
        """The value; None also where there is none. Raises `FormatError` if it is malformed."""
        index = _VALUE_AT.get(self.kind)
        return parse(self.record[index]) if index is not None else None

    @property
    def arguments(self) -> tuple[tuple[str, Value], ...]:
        """A call's arguments in the order of the function's parameters; else empty."""
        if self.kind != events.CALL:
            return ()
        scope = self.place.scope
        values = self.record[PAYLOAD_AT + scope.is_resumable :]
        parameters = scope.function.parameters
        return tuple((name, parse(raw)) for name, raw in zip(parameters, values, strict=False))

    @property
    def owner(self) -> Value:
        """What an attribute or item was set on or deleted from; None where there is no such."""
        owned = self.kind in _OWNED and len(self.record) > PAYLOAD_AT
        return parse(self.record[PAYLOAD_AT]) if owned else None

    @property
    def has_key(self) -> bool:
        """Whether an item was set or deleted."""
        return self.kind == events.ITEM or (
            self.kind == events.DELETE and len(self.record) > PAYLOAD_AT + 1
        )

    @property
    def key(self) -> Value:
        """The item's key; ask `has_key` first."""
        return parse(self.record[PAYLOAD_AT + 1])

    @property
    def passes_through(self) -> bool:
        """Whether an exception came out of a call of another recorded frame."""
        return self.kind == events.EXCEPTION and bool(self.record[PAYLOAD_AT + 2])

    @property
    def traceback(self) -> tuple[tuple[str, int, str], ...]:
        """Of an exception first seen: file, line and function from this frame inwards."""
        at = PAYLOAD_AT + 3
        if self.kind != events.EXCEPTION or len(self.record) <= at:
            return ()
        return tuple((file, line, function) for file, line, function, *_ in self.record[at] or ())

    def is_same_exception(self, earlier: "Event") -> bool:
        """Whether this exception event tells of the one that `earlier` told of, further out."""
        mine, theirs = self.value, earlier.value
        if not isinstance(mine, Raised) or not isinstance(theirs, Raised) or mine.id != theirs.id:
            return False
        return self.passes_through or _number(self.frame) == _number(earlier.frame)


def _number(frame: Frame | None) -> int | None:
    return frame.number if frame is not None else None


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events of a session are wanted; all of them unless something is said."""

    first: int = 1
    last: int | None = None
    kinds: frozenset[str] = frozenset()
    function: str | None = None
    """A glob (`*`, `?`) on qualified names, or on `module.qualified name`."""
    variable: str | None = None
    """Name of a variable, argument, attribute or receiver."""
    limit: int | None = None

    @property
    def is_selective(self) -> bool:
        """Whether the answer depends on sites at all."""
        return bool(self.kinds) or self.function is not None or self.variable is not None

    def wants(self, place: Place) -> bool:
        """Return whether events of that site are wanted."""
        if self.kinds and place.site.kind not in self.kinds:
            return False
        if self.function is not None and not _is_called(place, self.function):
            return False
        return self.variable is None or _names(place, self.variable)


ALL_EVENTS: Final = EventQuery()


def _is_called(place: Place, pattern: str) -> bool:
    pattern = pattern.replace("[", "[[]")
    qualname, module = place.scope.function.qualname, place.scope.module.name
    return fnmatchcase(qualname, pattern) or fnmatchcase(f"{module}.{qualname}", pattern)


def _names(place: Place, variable: str) -> bool:
    if place.site.kind == events.CALL:
        return variable in place.scope.function.parameters
    return place.site.kind in _NAMING and place.site.name == variable
