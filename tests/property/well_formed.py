"""Holds a recording against the rules of `docs/format.md`.

For programs of which every frame is seen to end: there, none but a lambda's leaves the stack
without an event.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from rewind.model.events import Control
from tests.spool_reading import Event, Record, Spool


class Frame(NamedTuple):
    function: tuple[int, int] | None
    """Base of the module's sites, place among its functions: names may occur twice. None where
    another session began it, until an event tells."""
    handle: int | None


@dataclass
class Stack:
    """The frames of one session."""

    open: list[Frame] = field(default_factory=list)
    suspended: dict[int, Frame] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    """Handles of frames that have been on this stack."""

    def push(self, frame: Frame) -> None:
        """Put a frame on top."""
        self.open.append(frame)
        if frame.handle is not None:
            self.known.add(frame.handle)

    def suspend(self, handle: int) -> None:
        """Take a frame off, with all above it: each of them can come back."""
        handles = [frame.handle for frame in self.open]
        if handle not in self.known:
            return  # it has only ever run in other sessions
        place = handles.index(handle)
        assert None not in handles[place:], "a plain frame cannot be suspended"
        self.suspended.update((frame.handle or 0, frame) for frame in self.open[place:])
        del self.open[place:]

    def bring_back(self, handle: int, function: tuple[int, int] | None) -> None:
        """Put a frame on top; one that is not known comes from another session."""
        if self.open and self.open[-1].handle == handle:
            self.open[-1] = Frame(function or self.open[-1].function, handle)
            return
        assert handle not in [frame.handle for frame in self.open], "it has not left"
        known = self.suspended.pop(handle, Frame(function, handle))
        self.push(Frame(known.function or function, handle))


class Check:
    """Follows one recording, record by record."""

    def __init__(self, spool: Spool) -> None:
        self._stacks: dict[int, Stack] = {}
        self._names = {
            (module["base"], place): function[0]
            for module in spool.modules
            for place, function in enumerate(module["functions"])
        }
        self._functions = {
            place: (module["base"], site[1])
            for module in spool.modules
            for place, site in enumerate(module["sites"], module["base"])
        }
        for one in spool.records:
            if isinstance(one, Event):
                self._event(one)
            else:
                self._control(one)
        assert [stack.open for stack in self._stacks.values() if stack.open] == []

    def _event(self, event: Event) -> None:
        stack = self._stacks[event.session]
        function = self._functions[event.site]
        if event.kind == "call":
            resumable = len(event.payload) - event.parameters - 1
            assert resumable in (0, 1)
            stack.push(Frame(function, event.payload[0] if resumable else None))
        elif event.kind == "resume":
            stack.bring_back(event.payload[0], function)
        assert stack.open, event
        assert stack.open[-1].function == function, event
        if event.kind == "yield":
            handle = stack.open[-1].handle
            assert handle is not None
            stack.suspend(handle)
        elif event.kind == "return" or (event.kind == "exception" and event.detail == "exit"):
            stack.open.pop()

    def _control(self, record: Record) -> None:
        first = record.rest[0]
        if record.control == Control.SESSION:
            assert first not in self._stacks
            self._stacks[first] = Stack()
        elif record.control == Control.FINISH:
            _dt, key, status, error = record.rest
            assert self._stacks[key].open == [], "its frames are still open"
            assert (status, error is None) in [("completed", True), ("error", False)]
        elif record.control == Control.SUSPEND:
            self._stacks[record.session].suspend(first)
        elif record.control == Control.UNWIND:
            self._unwind(self._stacks[record.session], first)
        elif record.control == Control.REENTER:
            self._stacks[record.session].bring_back(first, None)
        else:
            assert record.control in (Control.SWITCH, Control.REDACTED), record

    def _unwind(self, stack: Stack, count: int) -> None:
        for _ in range(count):
            function = stack.open.pop().function
            assert function is not None
            assert self._names[function].endswith("<lambda>"), "only a lambda is left unseen"


def check(spool: Spool) -> None:
    """Raise `AssertionError` unless the recording is whole and keeps the rules."""
    assert {report["what"] for report in spool.reports} <= {
        "calls-missing",
        "construct-skipped",
        "core-missing",
        "output-missing",
    }
    assert len(spool.goodbyes) == 1
    Check(spool)
