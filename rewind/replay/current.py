"""The variables of a frame as they are at a moment, whoever has changed them.

A frame's own writes tell what its own code bound. Another function may have bound the same variable
since then, by `global` or `nonlocal`, and what a list, a dictionary or an instance holds may have
changed through any name there is for it.
"""

from typing import Final, NamedTuple

from rewind.model import events
from rewind.replay.changes import Changes, can_change
from rewind.replay.events import Event
from rewind.replay.frames import DELETED, Absence, Frame, Variable, Write, stack_of
from rewind.replay.moments import Moment
from rewind.replay.operations import Unanswerable
from rewind.replay.session import Session
from rewind.replay.sharing import Shared
from rewind.replay.sites import MODULE_BODY, PAYLOAD_AT, VALUE_AT, Module
from rewind.replay.values import Value, parse

MOST_EVENTS: Final = 20_000
"""So far back what became of a container is looked up: some 20 ms where nothing is decoded yet."""


class Current(NamedTuple):
    """A variable at a moment."""

    variable: Variable
    """Its latest write."""
    value: Value
    since: int | None
    """The event as of which that is told, where what became of it since is not known."""
    last_change: int
    """The last event that bound it, or changed its value or what that holds, as far as is known."""
    previous: Value | Absence
    """What it was before the moment's event, where that is the last change; else `DELETED`."""


class CurrentVariables:
    """Answers for one moment after the other, best in rising order; for one thread."""

    def __init__(self, session: Session) -> None:
        self._shared = SharedWrites(session)
        self._changes = Changes(session)

    def at(self, moment: Moment) -> tuple[Current, ...]:
        """Return the variables of the moment's frame, in the order of their first writes."""
        if moment.chosen is None:
            return ()
        n, frame = moment.event.n, moment.chosen.frame
        known = {variable.name: variable for variable in moment.variables}
        unsure: set[str] = set()
        for name in self._shared.names(frame):
            since = known[name].n if name in known else 0
            write, sure = self._shared.newest(frame, name, since, moment.event)
            if write is not None:
                _bind(known, write)
            if not sure:
                unsure.add(name)
        since = self._look(known, n)
        return tuple(self._current(one, n, since, one.name in unsure) for one in known.values())

    def _look(self, variables: dict[str, Variable], n: int) -> int:
        """Learn of what became of containers; return the event since which that is known."""
        latest = tuple(variables.values())
        replaced = tuple(one.previous for one in latest if one.n == n and one.previous)
        written = (one.n for one in (*latest, *replaced) if can_change(one.value))
        since = max(min(written, default=n), n - MOST_EVENTS)
        self._changes.cover(since, n)
        return since

    def _current(self, variable: Variable, n: int, since: int, unsure: bool) -> Current:  # noqa: FBT001
        told = None if unsure else self._told(variable, since)
        value = parse(variable.value) if told is None else told.value
        last = variable.n if told is None else max(variable.n, self._changes.last(value))
        previous = self._before(variable, n, since) if last == n else DELETED
        return Current(variable, value, variable.n if told is None else None, last, previous)

    def _told(self, variable: Variable, since: int, before: int | None = None) -> "_Told | None":
        """Return what a write's value has become; None where that is not known."""
        value = parse(variable.value)
        if not can_change(variable.value):
            return _Told(value)
        if variable.n < since:
            return None
        try:
            return _Told(self._changes.current(value, variable.n, before))
        except Unanswerable:  # what it was changed by is not recorded
            return None

    def _before(self, variable: Variable, n: int, since: int) -> Value | Absence:
        """Return the value that a variable had before event `n` changed it."""
        write = variable.previous if variable.n == n else variable
        if write is None:
            return DELETED
        told = self._told(write, since, n)
        return parse(write.value) if told is None else told.value


class _Told(NamedTuple):
    """A value that is known; it may be None."""

    value: Value


def _bind(known: dict[str, Variable], write: Write) -> None:
    if write.value is DELETED:
        known.pop(write.name, None)
        return
    before = known.get(write.name)
    known[write.name] = Variable(write.name, write.n, write.place, write.value, before)


class SharedWrites:
    """Finds what other functions have written to a frame's variables; for one thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sites: dict[tuple[int, Shared, str], frozenset[int]] = {}
        self._elsewhere: dict[tuple[int, Shared], bool] = {}

    def names(self, frame: Frame) -> tuple[str, ...]:
        """Return the names of such variables."""
        return tuple(self._session.shared(frame))

    def newest(
        self, frame: Frame, name: str, since: int, event: Event
    ) -> tuple[Write | None, bool]:
        """Return the last write of a variable after event `since`, up to that event.

        The frame stands on the stack there. With it comes whether nothing else may have written it
        meanwhile. A function that calls itself has a variable in each of its frames, and which of
        them an inner function writes is not told: then there is None. A global one may be written
        by another thread or task, whose events are in a session of their own.
        """
        shared = self._session.shared(frame).get(name)
        if shared is None:
            return None, True
        module = frame.opened.scope.module
        sites = self._sites_of(module, shared, name)
        found = self._session.latest(sites, since + 1, event.n)
        latest = next((one for one in found if _is_write(one)), None)
        write = None if latest is None else _write_of(latest, name)
        if shared.owner == MODULE_BODY:
            return write, not self._is_called_elsewhere(module, shared)
        if latest is None:
            return None, True
        owners = _frames_of(shared.owner, frame, frame)
        sure = len(owners) == 1 and owners == _frames_of(shared.owner, frame, latest.top)
        return write if sure else None, sure

    def _is_called_elsewhere(self, module: Module, shared: Shared) -> bool:
        key = module.base, shared
        if key not in self._elsewhere:
            functions = shared.writers - {MODULE_BODY}
            self._elsewhere[key] = self._session.is_called_elsewhere(module, functions)
        return self._elsewhere[key]

    def _sites_of(self, module: Module, shared: Shared, name: str) -> frozenset[int]:
        key = module.base, shared, name
        if key not in self._sites:
            self._sites[key] = frozenset(
                number
                for number, site in enumerate(module.sites, module.base)
                if site.name == name
                and (site.writes is not None or site.kind == events.DELETE)
                and module.functions[site.function].qualname in shared.writers
            )
        return self._sites[key]


def _write_of(event: Event, name: str) -> Write:
    value = DELETED if event.kind == events.DELETE else event.record[VALUE_AT[event.kind]]
    return Write(name, event.n, event.place, value, None)


def _is_write(event: Event) -> bool:
    # With a payload it is an attribute or an item that goes.
    return event.kind != events.DELETE or len(event.record) == PAYLOAD_AT


def _frames_of(function: str, frame: Frame, top: Frame | None) -> list[int]:
    """Return the numbers of a function's frames in a stack; `frame` is one of its module."""
    module = frame.opened.scope.module
    scopes = ((one, one.opened.scope) for one in stack_of(top))
    return [
        one.number
        for one, scope in scopes
        if scope.module is module and scope.function.qualname == function
    ]
