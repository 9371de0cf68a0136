"""One event as a reader sees it: the record, its place, and the frame it belongs to.

`EventQuery` is what a reader may ask for: events by number, kind, function, variable and line. All
but the number is answered by an event's site, so a chunk without such sites is never opened; the
line of an exception alone is told by its record.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from rewind.model import events
from rewind.replay.fold import Record
from rewind.replay.frames import Frame
from rewind.replay.sites import PAYLOAD_AT, VALUE_AT, Place, Scope
from rewind.replay.text import arguments_line, one_line
from rewind.replay.values import Raised, Value, display_type, parse, type_name

_OWNED: Final = frozenset((events.ATTRIBUTE, events.ITEM, events.DELETE))
_LINE_AT: Final = {
    events.EXCEPTION: PAYLOAD_AT + 1,
    events.NOTE: PAYLOAD_AT + 2,
    events.OUTPUT: PAYLOAD_AT + 1,
    events.LOG: PAYLOAD_AT + 1,
    events.SQL: PAYLOAD_AT + 1,
    events.HTTP: PAYLOAD_AT + 1,
    events.REDIS: PAYLOAD_AT + 1,
}
"""Where the line stands in a record, of the kinds whose site does not tell it."""
SEARCHED_LENGTH: Final = 2000
"""Characters of a value that are searched."""
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\.?\w)")
_NAMING: Final = frozenset(
    (events.VARIABLE, events.MUTATE, events.HANDLED, events.ATTRIBUTE, events.ITEM, events.DELETE)
)


def check(place: Place, record: Record) -> None:
    """Raise `ValueError` for an event record of that site without the parts that readers rely on.

    Values are not looked into: they are checked when they are parsed.
    """
    if len(record) < place.least:
        message = "an event is cut short"
        raise ValueError(message)
    line_at = _LINE_AT.get(place.site.kind, 1)
    if type(record[1]) is not int or type(record[line_at]) is not int:
        message = "an event's time or line is no integer"
        raise ValueError(message)


def placed(place: Place, record: Record, top: Frame | None, around: Scope | None = None) -> Place:
    """Return where an event stands: of what the program says, in the frame that is on top then.

    Where nothing of the session is open then, it stands in the function `around` it, whose frame is
    another session's; or else in no file.
    """
    kind = place.site.kind
    if kind not in events.SAID_KINDS:
        return place
    line = record[_LINE_AT[kind]] or (0 if top is None else top.latest.site.line)
    scope = place.scope
    if top is not None:
        scope = top.opened.scope
    elif around is not None and line:
        scope = around
    site = place.site._replace(line=line, end_line=line)
    if kind == events.NOTE:
        name = record[PAYLOAD_AT]
        site = site._replace(name=name if type(name) is str else one_line(parse(name)))
    return place._replace(scope=scope, site=site)


class Event(NamedTuple):
    """An event of a session; what its record holds is parsed when asked for."""

    n: int
    place: Place
    record: Record
    top: Frame | None
    """Top of the call stack at this event."""
    time_ns: int
    """Since the session's start."""

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
    def line(self) -> int:
        """Line of the site; of an exception, the line of its frame that was running.

        Where an exception's traceback knows no line of the frame, that of its event before.
        """
        if self.kind != events.EXCEPTION:
            return self.place.site.line
        line: int = self.record[PAYLOAD_AT + 1]
        place = self.place if self.frame is None else self.frame.latest
        return line or place.site.line

    @property
    def name(self) -> str | None:
        """Variable, attribute, receiver, exception type, a branch's test, a stream."""
        if self.kind == events.EXCEPTION:
            return display_type(type_name(self.value))
        return self.place.site.name

    @property
    def has_value(self) -> bool:
        """Whether events of this kind carry a value; a call carries arguments instead."""
        return self.kind in VALUE_AT

    @property
    def value(self) -> Value:
        """The value; None also where there is none. Raises `FormatError` if it is malformed."""
        index = VALUE_AT.get(self.kind)
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
        if self.passes_through:
            return True
        is_same_function = self.place.scope is earlier.place.scope
        return is_same_function and _number(self.frame) == _number(earlier.frame)


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
    file: str | None = None
    """The path of a module, as it was recorded."""
    line: int | None = None
    """At which the event stands, as `Event.line` says."""
    value: str | None = None
    """Text within what the event tells, as Python would write it; a number stands there whole."""

    @property
    def is_selective(self) -> bool:
        """Whether the answer depends on sites at all."""
        asked = (self.function, self.variable, self.file, self.line)
        return bool(self.kinds) or any(part is not None for part in asked)

    def wants(self, place: Place) -> bool:
        """Return whether events of that site may be wanted; `takes` says it of each."""
        if not self._is_of_kind(place):
            return False
        if place.site.kind in events.SAID_KINDS:
            # Its site is nobody's: it is found by its name alone, which a note tells by itself.
            named = place.site.name
            return (self.function, self.file, self.line) == (None, None, None) and (
                named is None or self.variable in (None, named)
            )
        if self.function is not None and not _is_called(place, self.function):
            return False
        if self.variable is not None and not _names(place, self.variable):
            return False
        if self.file is not None and place.scope.module.path != self.file:
            return False
        return self.line is None or _may_stand_at(place, self.line)

    def _is_of_kind(self, place: Place) -> bool:
        kind = place.site.kind
        if self.kinds and kind not in self.kinds:
            return False
        return self.value is None or kind == events.CALL or kind in VALUE_AT

    def takes(self, event: Event) -> bool:
        """Return whether an event is wanted whose site may be."""
        if event.kind == events.NOTE and self.variable not in (None, event.name):
            return False
        if self.line is not None and event.line != self.line:
            return False
        return self.value is None or _occurs(self.value, _text(event))


ALL_EVENTS: Final = EventQuery()


def _text(event: Event) -> str:
    if event.kind == events.CALL:
        return arguments_line(event.arguments, SEARCHED_LENGTH)
    return one_line(event.value, SEARCHED_LENGTH)


def _occurs(wanted: str, text: str) -> bool:
    """Return whether it occurs; `7` does not in `17` or `7.5`, and `tea` does in `teapot`."""
    if wanted not in text:
        return False
    return not _NUMBER.fullmatch(wanted) or wanted in _NUMBER.findall(text)


def _is_called(place: Place, pattern: str) -> bool:
    pattern = pattern.replace("[", "[[]")
    qualname, module = place.scope.function.qualname, place.scope.module.name
    return fnmatchcase(qualname, pattern) or fnmatchcase(f"{module}.{qualname}", pattern)


def _names(place: Place, variable: str) -> bool:
    if place.site.kind == events.CALL:
        return variable in place.scope.function.parameters
    return place.site.kind in _NAMING and place.site.name == variable


def _may_stand_at(place: Place, line: int) -> bool:
    if place.site.kind != events.EXCEPTION:
        return place.site.line == line
    # It stands where the frame was, anywhere in its function.
    module, function = place.scope.module, place.scope.function
    ends = (s.end_line for s in module.sites if module.functions[s.function] is function)
    return function.line <= line <= max(ends)
