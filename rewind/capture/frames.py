"""Keeps the call stacks true: which strand runs, which frames are open on it.

Plain frames nest and announce both ends. Frames of generators and coroutines also leave in ways
that no probe sees (an `await` deep inside something that is not recorded), so before a frame is
put on top of one of those, the interpreter's own stack is asked whether it is really there.
"""

import sys
from contextvars import ContextVar
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from itertools import count
from types import FrameType
from typing import Final

from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code
from rewind.capture.strands import Frame, Session, Strand
from rewind.model.events import Control

_RESUMABLE: Final = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR

_NEAR: Final = 6
"""Frames to look through for a caller, unrecorded ones between the two among them."""

_origin: ContextVar[Strand | None] = ContextVar("rewind_origin", default=None)
"""The strand that an asyncio task was created from: tasks copy the context of their creator."""


class Frames:
    """The open frames of a process.

    Called by probes of all threads; a frame is touched only by the thread that runs it, and the
    dictionary of resumable frames only by single operations. After a fork the child goes on with
    its copy, in which other threads' frames are never asked for again. There is nothing to stop.
    """

    def __init__(self) -> None:
        self.resumable: dict[int, Frame] = {}
        """Open resumable frames by `id()` of the interpreter's frame object."""
        self._handles = count(1)

    # Entering

    def arrive(self, recorder: Recorder, caller: FrameType | None, *, resumable: bool) -> Strand:
        """Return the strand that a frame called by `caller` goes onto, its stack set right."""
        strand = recorder.strand = self._running(recorder, resumable=resumable)
        self.settle(recorder, strand, caller)
        return strand

    def make_resumable(self, strand: Strand, code: Code, interpreter_frame: FrameType) -> Frame:
        """Return a new generator's or coroutine's frame, known from now on."""
        frame = Frame(code, next(self._handles), id(interpreter_frame))
        if strand.task and not any(entry for entry in strand.stack if _task_of(entry)):
            frame.task = strand.task
        self.resumable[frame.address] = frame
        return frame

    @staticmethod
    def push(strand: Strand, frame: Frame) -> None:
        """Put a frame on top of the stack."""
        frame.strand = strand
        strand.stack.append(frame)

    def _running(self, recorder: Recorder, *, resumable: bool) -> Strand:
        task = current_task()
        if task is None:
            return recorder.base
        known = recorder.tasks.get(id(task))
        if known is not None:
            return known
        return self._new_task(recorder, id(task), resumable=resumable)

    @staticmethod
    def _new_task(recorder: Recorder, task: int, *, resumable: bool) -> Strand:
        base = recorder.base
        if resumable and base.session is not None and not base.task:
            # What `asyncio.run` was called for goes on in the caller's own session.
            base.task = task
            strand = base
        else:
            strand = Strand(_creator(base), task)
        recorder.tasks[task] = strand
        _origin.set(strand)
        return strand

    def settle(self, recorder: Recorder, strand: Strand, running: FrameType | None) -> None:
        """Take frames off the top that have left unseen: they are not where `running` came from.

        Resumable ones may come back; those of lambdas were left by an exception.
        """
        stack = strand.stack
        while stack:
            top = stack[-1]
            if isinstance(top, Code) or not top.address or _is_running(top.address, running):
                return
            stack.pop()
            top.strand = None
            if top.handle:
                recorder.control(strand, Control.SUSPEND, top.handle)
            else:
                recorder.control(strand, Control.UNWIND, 1)
                if not stack and not strand.held:
                    recorder.finish(strand)

    # Going on

    def resume(self, recorder: Recorder, interpreter_frame: FrameType) -> Frame | None:
        """Bring a resumable frame to the top of the running strand; None if it is not known."""
        frame = self.resumable.get(id(interpreter_frame))
        if frame is None:
            return None
        strand = frame.strand
        if strand is None:
            strand = self.arrive(recorder, interpreter_frame.f_back, resumable=True)
            for waiting in self._waiting_for(interpreter_frame):
                self.push(strand, waiting)
                recorder.control(strand, Control.REENTER, waiting.handle)
            self.push(strand, frame)
        else:
            recorder.strand = strand
            self._surface(recorder, strand, strand.stack.index(frame))
        return frame

    def is_on_top(self, recorder: Recorder, interpreter_frame: FrameType) -> bool:
        """Return whether the frame needs no resuming."""
        frame = self.resumable.get(id(interpreter_frame))
        stack = recorder.strand.stack
        return frame is None or (bool(stack) and stack[-1] is frame)

    def _waiting_for(self, interpreter_frame: FrameType) -> list[Frame]:
        """Return the suspended frames that await this one, outermost first.

        When the innermost coroutine goes on, those that await it are running again as well,
        though none of their code has run.
        """
        found: list[Frame] = []
        caller = interpreter_frame.f_back
        while caller is not None and caller.f_code.co_flags & _RESUMABLE:
            frame = self.resumable.get(id(caller))
            if frame is not None:
                if frame.strand is not None:
                    break
                found.append(frame)
            caller = caller.f_back
        found.reverse()
        return found

    # Leaving

    def leave(self, recorder: Recorder, strand: Strand, error: bytes | None = None) -> None:
        """Take the top frame off for good; an outermost one ends its session."""
        entry = strand.stack.pop()
        if type(entry) is Frame:
            entry.strand = None
            self.resumable.pop(entry.address, None)
            if entry.task:
                self._task_over(recorder, strand)
        self.left(recorder, strand, error)

    def suspend(self, strand: Strand) -> None:
        """Take the top frame off until it is resumed."""
        entry = strand.stack.pop()
        if type(entry) is Frame:
            entry.strand = None

    def left(self, recorder: Recorder, strand: Strand, error: bytes | None = None) -> None:
        """Do what is due when a frame has left the stack."""
        strand.drop_stores(len(strand.stack) + 1)
        if not strand.stack and not strand.held:
            recorder.finish(strand, error)
            if strand.task:
                self._task_over(recorder, strand)

    @staticmethod
    def _task_over(recorder: Recorder, strand: Strand) -> None:
        recorder.tasks.pop(strand.task, None)
        strand.task = 0
        recorder.strand = recorder.base

    # Repair

    def find(self, recorder: Recorder, code: object) -> Strand | None:
        """Return the strand whose top frame runs `code`, after a switch that no probe saw.

        Frames above it have ended unseen and are taken off. None: no such frame is open. That is
        also the answer for a function whose call was not seen, so that its code is not known.
        """
        strands = (recorder.strand, recorder.base, *recorder.tasks.values())
        for strand in strands:
            if strand.stack and strand.stack[-1].code is code:
                recorder.strand = strand
                return strand
        for strand in strands:
            for place in range(len(strand.stack) - 1, -1, -1):
                if strand.stack[place].code is code:
                    recorder.strand = strand
                    self._surface(recorder, strand, place)
                    return strand
        return None

    @staticmethod
    def _surface(recorder: Recorder, strand: Strand, place: int) -> None:
        """Take off all that lies above a place in the stack.

        A resumable frame may come back: a `yield` at the end of a chain of `yield from` takes all
        of the chain off, and only the last says so.
        """
        above = strand.stack[place + 1 :]
        del strand.stack[place + 1 :]
        gone = 0
        while above and not _handle_of(above[-1]):
            above.pop()
            gone += 1
        if gone:
            recorder.control(strand, Control.UNWIND, gone)
        kept = [entry for entry in above if type(entry) is Frame]
        for entry in kept:
            entry.strand = None
        ended = len(above)
        lowest = next((entry for entry in kept if entry.handle), None)
        if lowest is not None:
            recorder.control(strand, Control.SUSPEND, lowest.handle)
            ended = above.index(lowest)
        if ended:
            recorder.control(strand, Control.UNWIND, ended)


def _handle_of(entry: Code | Frame) -> int:
    return entry.handle if type(entry) is Frame else 0


def _task_of(entry: Code | Frame) -> int:
    return entry.task if type(entry) is Frame else 0


def line_in(caller: FrameType | None, entry: Code | Frame | None) -> int:
    """Return the line at which the frame of `entry` calls what `caller` called; 0 if it does not.

    Between the two may lie frames that are not recorded, such as a comprehension's.
    """
    if entry is None:
        return 0
    qualname = entry.code.qualname
    for _ in range(_NEAR):
        if caller is None:
            break
        if caller.f_code.co_qualname == qualname:
            return caller.f_lineno or 0
        caller = caller.f_back
    return 0


def _is_running(address: int, caller: FrameType | None) -> bool:
    while caller is not None:
        if id(caller) == address:
            return True
        caller = caller.f_back
    return False


def _creator(base: Strand) -> Session | None:
    origin = _origin.get()
    if origin is not None and origin.session is not None:
        return origin.session
    return base.session


def current_task() -> object | None:
    """Return the asyncio task that runs on this thread, if any; asyncio is never imported."""
    events = sys.modules.get("asyncio.events")
    tasks = sys.modules.get("asyncio.tasks")
    if events is None or tasks is None:
        return None
    try:
        loop = events._get_running_loop()
        return None if loop is None else _task_in(tasks, loop)
    except AttributeError:  # asyncio is being imported just now
        return None


def _task_in(tasks: object, loop: object) -> object | None:
    # The functions that asyncio itself imports from C; the Python ones could be instrumented.
    running = getattr(tasks, "_c_current_task", None)
    if running is not None:
        found: object = running(loop)
        return found
    return tasks._current_tasks.get(loop)  # type: ignore[attr-defined, no-any-return]
