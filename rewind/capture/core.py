"""The capture core: an engine's probes and recorders, and the process's own stream, in one piece.

The agent makes one, installs its probes, hands it every module that loads, and closes it.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final

from rewind.capture.engine import Engine, Fault, Recorder, RecorderOfThread, Session
from rewind.config import Settings
from rewind.model.events import Control
from rewind.model.sites import RunTable
from rewind.model.wire import pack
from rewind.spool.process import start_ticks
from rewind.spool.stream import Folder, Stream

_OURS: Final = str(Path(__file__).parent.parent)


class _Local(threading.local):
    """Each thread's recorder, made when the thread's first probe asks for it."""

    def __init__(self, make: Callable[[], Recorder], over: Callable[[Recorder], None]) -> None:
        self.recorder = make()
        self._end = _End(self.recorder, over)


class _End:
    """Dies with its thread, as nothing else tells that one is over."""

    def __init__(self, recorder: Recorder, over: Callable[[Recorder], None]) -> None:
        self._recorder = recorder
        self._over = over
        self._pid = os.getpid()

    def __del__(self) -> None:
        # Closed: the process has said goodbye, and its modules may be gone. Another process: the
        # child of a fork, where the stream is still the parent's.
        if not self._recorder.closed and self._pid == os.getpid():
            self._over(self._recorder)


class Core:
    """Captures what happens in this process.

    Probes call it from any instrumented thread; `add_module` and `report` are called by importing
    threads and locked. After a fork `after_fork` must run in the child. `close` ends all recording.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        facts: dict[str, object],
        engine: Callable[[Settings, RecorderOfThread, Fault], Engine],
    ) -> None:
        self._path = folder
        self._settings = settings
        self._faults: set[int] = set()
        self._modules: list[bytes] = []
        self._parents: dict[int, Session] = {}
        self._lock = threading.RLock()
        self.engine = engine(settings, lambda: self._local.recorder, self._fault)
        self.probes = self.engine.probes
        self.name = self.engine.name
        self._facts = facts | {"core": self.name}
        self._start()

    def _start(self) -> None:
        """Begin this process's part of the recording."""
        settings = self._settings
        ticks = start_ticks(os.getpid())
        self._folder = Folder(self._path, ticks, settings.segment_bytes, settings.spool_max_bytes)
        self.engine.start(self._folder)
        self._streams = count(1)
        self._recorders: list[Recorder] = []
        self._own = Stream(self._folder, 0)
        self._writing = False
        self._late: list[bytes] = []
        self._past = Counter[str]()
        self._local = _Local(self._new_recorder, self._thread_over)
        facts = self._facts | {"pid": os.getpid(), "ppid": os.getppid()}
        self._write_own(pack([Control.PROCESS, facts]))
        for record in self._modules:
            self._write_own(record)

    def after_fork(self) -> None:
        """Give the child of a fork its own streams; what is open belongs to the parent.

        The child's sessions have the one as parent in which the fork happened.
        """
        forked_in = self._local.recorder.strand.session
        self._lock = threading.RLock()
        self._start()
        self._local.recorder.base.parent = forked_in

    # What the process says of itself

    def _write_own(self, record: bytes, *, waits: bool = True) -> bool:
        """Publish a record in the process's own stream; False if that cannot be, or not yet.

        A signal handler or a finalizer of the program's may run in the middle of ours and have
        something to say as well: it is written when what it interrupts is whole, if it `waits`.
        """
        with self._lock:
            if self._writing:
                if waits:
                    self._late.append(record)
                return False
            self._writing = True
            try:
                done = self._put_own(record)
                while self._late:
                    self._put_own(self._late.pop(0))
            finally:
                self._writing = False
            return done

    def _put_own(self, record: bytes) -> bool:
        own = self._own
        return own.append(record) or (own.advance(len(record)) and own.append(record))

    def add_module(self, name: str, table: RunTable, record: bytes) -> int | None:
        """Make a module known before it runs and return the number of its first site.

        `record` is its `Control.MODULE` record up to the value of `base`, which comes last. None:
        the spool has no room, or the import came in the middle of another's record, so that no
        reader could make sense of the module's events; it must load without probes.
        """
        base = self.engine.add(name, table)
        record += pack(base)
        if not self._write_own(record, waits=False):
            return None
        self._modules.append(record)
        return base

    def report(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Say something that a person should know of this recording."""
        facts = {"what": what, "name": name, "why": why, "line": line}
        self._write_own(pack([Control.REPORT, facts]))

    # Sessions

    def open_session(self, kind: str, trigger: str, module: str, function: str) -> None:
        """Begin a session on this thread that goes on until `close_session`."""
        recorder = self._local.recorder
        facts = {"kind": kind, "trigger": trigger, "module": module, "function": function}
        recorder.begin(recorder.base, facts | {"task": None}, None)
        recorder.base.held = True

    def close_session(self, error: BaseException | None) -> None:
        """End what `open_session` began, by `error` if there is one."""
        recorder = self._local.recorder
        recorder.base.held = False
        captured = None if error is None else self.engine.captured(error)
        recorder.finish(recorder.base, captured)

    def thread_starts(self, thread: object) -> None:
        """Note which session starts the thread; called by the starting thread."""
        session = self._local.recorder.strand.session
        if session is not None:
            self._parents[id(thread)] = session
        else:
            # A thread that never recorded may have left its own behind at this address.
            self._parents.pop(id(thread), None)

    def _new_recorder(self) -> Recorder:
        recorder = self.engine.new_recorder(next(self._streams))
        recorder.base.parent = self._parent_of_thread()
        self._recorders.append(recorder)
        return recorder

    def _thread_over(self, recorder: Recorder) -> None:
        """Give a thread's segment to the writer, as a server may have thousands after another."""
        recorder.close()
        with self._lock:
            if recorder in self._recorders:
                self._recorders.remove(recorder)
                self._past.update(recorder.counted())

    def _parent_of_thread(self) -> Session | None:
        active = threading._active  # type: ignore[attr-defined]
        thread = active.get(threading.get_ident())
        return self._parents.pop(id(thread), None)

    # Faults

    def _fault(self, site: int, error: BaseException) -> None:
        """Swallow an error of ours, and turn the site off; let one of the program's pass."""
        if not _is_ours(error.__traceback__):
            raise error
        if isinstance(error, (RecursionError, MemoryError)) or site in self._faults:
            return
        self._faults.add(site)
        self.engine.silence(site)
        name = self.engine.registry.qualname(site)
        self.report("probe-fault", name, f"{type(error).__name__}: {error}")

    # The end

    def close(self, facts: dict[str, object]) -> tuple[int, int]:
        """Say goodbye and record nothing more.

        Returns how many events were recorded, and about how many ns the probes took.
        """
        with self._lock:
            recorders, counted = list(self._recorders), self._past.copy()
        for recorder in recorders:
            recorder.close()
            counted.update(recorder.counted())
        self._write_own(pack([Control.GOODBYE, facts | dict(counted)]))
        self._own.close()
        return counted["events"], counted["probe_ns"]


def _is_ours(traceback: TracebackType | None) -> bool:
    """Whether the error came up in Rewind's code and not in a signal handler's."""
    if traceback is None:
        return True
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename.startswith(_OURS)
