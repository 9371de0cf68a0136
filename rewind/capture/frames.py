"""Keeps the call stacks true: which strand runs, which frames are open on it.

Plain frames nest and announce both ends. Frames of generators and coroutines also leave in ways
that no probe sees (an `await` deep inside something that is not recorded), so before a frame is
put on top of one of those, the interpreter's own stack is asked whether it is really there.
"""

import sys
from contextvars import ContextVar
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE
from itertools import count
from types import FrameType
from typing import Final

from rewind.capture.greenlets import Greenlets
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code
from rewind.capture.strands import Frame, Session, Strand
from rewind.capture.tasks import current_task
from rewind.model.events import Control

_RESUMABLE: Final = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
_COROUTINE: Final = CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR

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
        self.greenlets: Greenlets | None = None
        """What tells greenlets apart, once the program has imported the library."""

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
        if strand.session is None:
            strand.session, frame.session = frame.session, None
        frame.strand = strand
        strand.stack.append(frame)

    def _running(self, recorder: Recorder, *, resumable: bool) -> Strand:
        task = current_task()
        is_new = task is not None and id(task) not in recorder.tasks
        if is_new and (self.greenlets is None or _runs_coroutine()):
            return self._new_task(recorder, id(task), resumable=resumable)
        known = known_strand(recorder)
        if known is recorder.idle:
            known = Strand(self._creator(recorder), recorder.greenlet)
            recorder.keep(known, recorder.greenlets, recorder.greenlet)
        return known

    def _new_task(self, recorder: Recorder, task: int, *, resumable: bool) -> Strand:
        strand = recorder.own
        if not resumable or strand.session is None or strand.task:
            strand = Strand(self._creator(recorder), recorder.greenlet)
        # Else what `asyncio.run` was called for goes on in the caller's own session.
        strand.task = task
        recorder.keep(strand, recorder.tasks, task)
        _origin.set(strand)
        return strand

    def _creator(self, recorder: Recorder) -> Session | None:
        """Return the session in which a strand begins."""
        origin = _origin.get()
        session = None if origin is None else origin.session
        if session is None:
            session = recorder.own.session
        if session is None and recorder.greenlet and self.greenlets is not None:
            known = (recorder.greenlets.get(one) for one in self.greenlets.lineage())
            session = next((one.session for one in known if one and one.session), None)
        return session or recorder.base.session or recorder.base.parent

    def running(self, recorder: Recorder) -> Strand:
        """Return the strand that runs, for a session to begin on."""
        strand = recorder.strand = self._running(recorder, resumable=False)
        return strand

    def creator(self, recorder: Recorder, strand: Strand) -> Session | None:
        """Return the parent of a session that begins on the strand, where nothing is open.

        A thread of a pool may run in the context of a task, which then is nearer than the session
        in which the thread was started; but who holds a strand has said whose it is.
        """
        origin = _origin.get() if strand is recorder.base and not strand.held else None
        session = None if origin is None or origin is strand else origin.session
        return session or strand.parent

    def follow_switch(self, recorder: Recorder) -> None:
        """Let the recorder be at the greenlet that runs: no probe has seen the switch."""
        assert self.greenlets is not None
        try:
            recorder.follow(self.greenlets.running(), known_strand)
        except RuntimeError:  # the interpreter ends: there are no more switches
            return

    def ends_greenlet(self, strand: Strand, error: BaseException | None) -> bool:
        """Return whether the exception is how greenlets end that are told to."""
        if self.greenlets is None or not strand.greenlet or strand.task:
            return False
        return issubclass(type(error), self.greenlets.exit)

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
                if not strand.task:
                    self._rest(recorder, strand, top)
            else:
                recorder.control(strand, Control.UNWIND, 1)
                if not stack and not strand.held:
                    recorder.finish(strand)

    # Going on

    def resume(
        self, recorder: Recorder, code: Code, interpreter_frame: FrameType
    ) -> tuple[Strand, Frame]:
        """Bring a resumable frame to the top of the running strand; return both.

        One that is not known, as its beginning was not seen, is from now on.
        """
        if self.greenlets is not None:
            self._fetch(recorder, interpreter_frame)
        frame = self.resumable.get(id(interpreter_frame))
        strand = None if frame is None else frame.strand
        if frame is not None and strand is not None and frame not in strand.stack:
            # An interrupt has come between the two steps by which a frame leaves the stack.
            strand = frame.strand = None
        if frame is not None and strand is not None and recorder.has(strand):
            recorder.strand = strand
            self._surface(recorder, strand, strand.stack.index(frame) + 1)
            return strand, frame
        strand = self.arrive(recorder, interpreter_frame.f_back, resumable=True)
        if frame is None:
            frame = self.make_resumable(strand, code, interpreter_frame)
        elif frame.strand is not None:
            frame = self._moved(frame)
        for waiting in self._waiting_for(interpreter_frame):
            self.push(strand, waiting)
            recorder.control(strand, Control.REENTER, waiting.handle)
        self.push(strand, frame)
        return strand, frame

    def _fetch(self, recorder: Recorder, running: FrameType | None) -> None:
        """Take frames that go on in this greenlet off another's stack: they left it unseen."""
        while running is not None and running.f_code.co_flags & _RESUMABLE:
            frame = self.resumable.get(id(running))
            strand = None if frame is None else frame.strand
            running = running.f_back
            if frame is None or strand is None or frame not in strand.stack:
                continue
            if strand.greenlet != recorder.greenlet and recorder.has(strand):
                self._surface(recorder, strand, strand.stack.index(frame))
                if not strand.task:
                    self._rest(recorder, strand, frame)

    def _moved(self, frame: Frame) -> Frame:
        """Return another frame for the same handle: the stack of another thread has this one."""
        moved = Frame(frame.code, frame.handle, frame.address)
        self.resumable[frame.address] = moved
        return moved

    def is_on_top(self, recorder: Recorder, interpreter_frame: FrameType) -> bool:
        """Return whether the frame needs no resuming."""
        stack = recorder.strand.stack
        return bool(stack) and stack[-1] is self.resumable.get(id(interpreter_frame))

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
            # Another may have the address by now, where this one had left unseen.
            if self.resumable.get(entry.address) is entry:
                del self.resumable[entry.address]
            if entry.session is not None:
                recorder.end(entry.session)
            # Where the collector ended it, it may have done so in the middle of another task.
            if entry.task and entry.task == strand.task and not _outlives(recorder, strand):
                self._task_over(recorder, strand)
        self._left(recorder, strand, error)

    def suspend(self, recorder: Recorder, strand: Strand) -> None:
        """Take the top frame off until it is resumed."""
        entry = strand.stack.pop()
        if type(entry) is Frame:
            entry.strand = None
            self._rest(recorder, strand, entry)
        self._left(recorder, strand)

    @staticmethod
    def _rest(recorder: Recorder, strand: Strand, frame: Frame) -> None:
        """Let the session of a frame that was the outermost wait for it to go on."""
        session = strand.session
        if session is not None and not strand.stack and not strand.held:
            recorder.settle(session)
            frame.session, strand.session = session, None

    def _left(self, recorder: Recorder, strand: Strand, error: bytes | None = None) -> None:
        """Do what is due when a frame has left the stack."""
        strand.drop_stores(len(strand.stack) + 1)
        if not strand.stack and not strand.held:
            recorder.finish(strand, error)
            self.let_go(recorder, strand)

    def let_go(self, recorder: Recorder, strand: Strand) -> None:
        """Forget the strand of a task or greenlet if nothing is open on it."""
        if strand.stack or strand.held:
            return
        if strand.task:
            self._task_over(recorder, strand)
        if strand.greenlet and recorder.greenlets.get(strand.greenlet) is strand:
            recorder.drop(recorder.greenlets, strand.greenlet)
            recorder.strand = recorder.own

    @staticmethod
    def _task_over(recorder: Recorder, strand: Strand) -> None:
        task, strand.task = strand.task, 0
        recorder.strand = recorder.own
        recorder.drop(recorder.tasks, task)

    # Repair

    def find(self, recorder: Recorder, code: object) -> Strand | None:
        """Return the strand whose top frame runs `code`, after a switch that no probe saw.

        Frames above it have ended unseen and are taken off. None: no such frame is open. That is
        also the answer for a function whose call was not seen, so that its code is not known.
        """
        strands = [recorder.strand, recorder.own]
        strands += [one for one in recorder.kept if one.greenlet == recorder.greenlet]
        for strand in strands:
            if strand.stack and strand.stack[-1].code is code:
                recorder.strand = strand
                return strand
        for strand in strands:
            for place in range(len(strand.stack) - 1, -1, -1):
                if strand.stack[place].code is code:
                    recorder.strand = strand
                    self._surface(recorder, strand, place + 1)
                    return strand
        return None

    def prune(self, recorder: Recorder, strand: Strand, caller: FrameType | None) -> None:
        """Take frames off that `caller` was not called through.

        Their end was not seen: an interrupt, or the recursion limit, came before its probe.
        """
        running = []
        while caller is not None:
            running.append(caller.f_code.co_qualname)
            caller = caller.f_back
        there = 0
        while running and there < len(strand.stack):
            there += strand.stack[there].code.qualname == running.pop()
        if there < len(strand.stack):
            self._surface(recorder, strand, there)
            self._left(recorder, strand)

    @staticmethod
    def _surface(recorder: Recorder, strand: Strand, left: int) -> None:
        """Take off all that lies above so many frames of the stack.

        A resumable frame may come back: a `yield` at the end of a chain of `yield from` takes all
        of the chain off, and only the last says so.
        """
        above = strand.stack[left:]
        del strand.stack[left:]
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


def _outlives(recorder: Recorder, strand: Strand) -> bool:
    """Return whether a task's strand stays the task's when no frame of it is open any more."""
    return strand.held and strand is not recorder.own


def _handle_of(entry: Code | Frame) -> int:
    return entry.handle if type(entry) is Frame else 0


def _task_of(entry: Code | Frame) -> int:
    return entry.task if type(entry) is Frame else 0


def _is_running(address: int, caller: FrameType | None) -> bool:
    while caller is not None:
        if id(caller) == address:
            return True
        caller = caller.f_back
    return False


def known_strand(recorder: Recorder) -> Strand:
    """Return the strand that runs, as far as it is known: `idle` where no frame is open."""
    task = current_task()
    known = None if task is None else recorder.tasks.get(id(task))
    # A task's own code may run another greenlet, which is not the task.
    return known if known and known.greenlet == recorder.greenlet else recorder.own


def _runs_coroutine() -> bool:
    """Return whether the running frame is a task's: called by a coroutine, in the same greenlet."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_flags & _COROUTINE:
            return True
        frame = frame.f_back
    return False
