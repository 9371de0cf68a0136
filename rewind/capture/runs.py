"""What a thread or process of a pool runs for somebody: each call is one session at most.

Such a session begins as others do, with the first call that is recorded, and so has its kind and
trigger: of what records nothing no trace is left, and nobody waits. But its parent is the session
that has asked for the call, and it goes on until the call is over.
"""

import threading
from collections.abc import Callable

from rewind.capture.engine import Engine, Recorder, Session, Strand
from rewind.capture.guard import guarded
from rewind.capture.origins import Origins


class Run:
    """What is known of a call while it runs, by its thread alone."""

    __slots__ = ("before", "error", "recorder", "strand")

    def __init__(
        self, recorder: Recorder, strand: Strand, error: Callable[[], BaseException | None]
    ) -> None:
        self.recorder = recorder
        self.strand = strand
        self.before: Session | None = strand.parent
        """The parent of what else runs on the strand."""
        self.error = error
        """Gives the exception that has left the call, if one has."""


class Lease:
    """Lives as long as the call, and dies with it: nothing else tells that one is over."""

    __slots__ = ("_over", "_run")

    def __init__(self, run: Run, over: Callable[[Run], None]) -> None:
        self._run = run
        self._over = over

    def __del__(self) -> None:
        self._over(self._run)


class _Running(threading.local):
    """The runs of each thread, by `id()` of their strands: greenlets of one take turns."""

    def __init__(self) -> None:
        self.runs: dict[int, Run] = {}


class Runs:
    """The calls that pools run in this process.

    Called by any thread, about itself. After a fork `after_fork` must run in the child. Raises
    nothing of ours: `fault` takes it, with the name of what failed, and raises what is not ours.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Callable[[], Recorder],
        origins: Origins,
        fault: Callable[[str, Exception], None],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._origins = origins
        self.fault = fault
        self.after_fork()

    def after_fork(self) -> None:
        """Forget what runs: it is the parent's."""
        self._running = _Running()

    @guarded
    def origin(self) -> str | None:
        """Return what stands for the session that asks for a call just here."""
        return self._origins.here()

    @guarded
    def begin(self, origin: object, error: Callable[[], BaseException | None]) -> Lease | None:
        """Let what this thread does be one session at most, for as long as the answer lives.

        None where nothing is recorded any more, or something else is at work on the thread.
        """
        recorder = self._recorder()
        if recorder.closed:
            return None
        strand = self._engine.running(recorder)
        left = self._running.runs.get(id(strand))
        if left is not None:
            # Somebody has kept the call that was before, such as who looks at the locals of frames.
            self._finish(left)
            strand = self._engine.running(recorder)
        if strand.session is not None or strand.held:
            return None
        run = self._running.runs[id(strand)] = Run(recorder, strand, error)
        strand.parent, strand.held = self._origins.session(origin), True
        return Lease(run, self.end)

    @guarded
    def end(self, run: Run) -> None:
        """Let what runs on the thread be what it was before the call, unless that is so."""
        # Another thread's, or a child's of a fork: it is ended already, or its thread does so.
        if self._running.runs.get(id(run.strand)) is run:
            self._finish(run)

    def _finish(self, run: Run) -> None:
        recorder, strand = run.recorder, run.strand
        del self._running.runs[id(strand)]
        strand.parent = run.before
        # One that was begun by name inside may go on: it does not come back to what is over.
        opened = strand.opened
        while opened is not None and opened.outer is not None:
            opened = opened.outer
        if opened is None:
            session, strand.session, strand.held = strand.session, None, False
        else:
            session, opened.before, opened.held = opened.before, None, False
        if session is not None:
            error = run.error()
            recorder.end(session, None if error is None else self._engine.captured(error))
        self._engine.let_go(recorder, strand)
