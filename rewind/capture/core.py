"""The capture core: an engine's probes and recorders, and the process's own stream, in one piece.

The agent makes one, installs its probes, hands it every module that loads, and closes it.
"""

import os
import threading
from _thread import get_ident
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Final

from rewind.capture.engine import Engine, Fault, Recorder, RecorderOfThread, Session
from rewind.capture.greenlets import Greenlets
from rewind.capture.origins import Origins
from rewind.capture.output import Output
from rewind.capture.runs import Runs
from rewind.capture.said import Said
from rewind.capture.secrets import Secrets
from rewind.capture.sessions import Sessions
from rewind.config import SecretNames, Settings
from rewind.model.events import Control
from rewind.model.sites import RunTable
from rewind.model.wire import pack
from rewind.spool.process import start_ticks
from rewind.spool.stream import ALONE, BEYOND, WITHIN, Folder, Stream

_OURS: Final = str(Path(__file__).parent.parent)


class _Local(threading.local):
    """Each thread's recorder, once the thread has something to record."""

    recorder: Recorder | None = None
    end: "_End | None" = None


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
        self._modules: list[tuple[bytes, bytes]] = []
        """Records in two parts, as the first is the hook's own copy."""
        self._parents: dict[int, Session] = {}
        self._lock = RLock()
        self.engine = engine(settings, self._recorder, self._fault)
        self.probes = self.engine.probes
        self.name = self.engine.name
        self._facts = facts | {"core": self.name}
        self._origins = origins = Origins(
            self.engine,
            lambda: self._local.recorder,
            lambda: self._parents.get(self._thread()),
        )
        self._said = Said(self.engine, lambda: self._local.recorder, self.add_module)
        self.sessions = Sessions(
            self.engine,
            lambda: self._local.recorder,
            origins,
            self._said,
            Secrets(SecretNames(settings.redacted_names)),
            settings.sampling_rate,
            self._own_fault,
        )
        """Those that somebody begins by name."""
        self.runs = Runs(self.engine, self._recorder, origins, self._own_fault)
        """What pools run."""
        self._output = Output(self._said, self._own_fault)
        self._start()
        self._introduce()

    def _start(self) -> None:
        """Be ready for this process's part of the recording. Nothing is written yet."""
        settings = self._settings
        ticks = start_ticks(os.getpid())
        self._folder = Folder(
            self._path,
            ticks,
            settings.segment_bytes,
            settings.spool_max_bytes,
            blocks=settings.on_full == "block",
        )
        self.engine.start(self._folder)
        self._streams = count(1)
        self._recorders: list[Recorder] = []
        self._own = Stream(self._folder, 0)
        self._writing = False
        self._late: list[bytes] = []
        self._past = Counter[str]()
        self._local = _Local()
        self._introduced = self._over = False
        self._is_known = False
        """Whether it could be said which process this is."""

    def _introduce(self) -> None:
        """Say first of all which process this is, and which modules it has, if nobody did yet."""
        with self._lock:
            if self._introduced:
                return
            self._introduced = True
            facts = self._facts | {"pid": os.getpid(), "ppid": os.getppid()}
            self._is_known = self._put_own(pack([Control.PROCESS, facts]))
            for record, base in self._modules:
                self._put_own(record + base)

    def after_fork(self) -> None:
        """Give the child of a fork its own streams; what is open belongs to the parent.

        The child's sessions have the one as parent in which the fork happened. It says nothing
        before it has something to record: most often it is about to become another program, which
        may then be recorded as if it had been started anew.
        """
        recorder, thread = self._local.recorder, self._thread()
        # One that has recorded nothing stands in for the one that it was forked from.
        forked_in = self._parents.get(thread) if recorder is None else recorder.strand.session
        self._parents = {} if forked_in is None else {thread: forked_in}
        self._lock = RLock()
        self._start()
        self.runs.after_fork()
        self._said.after_fork()

    # What the process says of itself

    def _write_own(self, record: bytes, *, waits: bool = True) -> bool:
        """Publish a record in the process's own stream; False if that cannot be, or not yet.

        A signal handler or a finalizer of the program's may run in the middle of ours and have
        something to say as well: it is written when what it interrupts is whole, if it `waits`.
        """
        self._introduce()
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
        if own.append(record):
            return True
        # They are few and needed: nobody waits for room for them, and the last is not to be lost.
        how = BEYOND if self._folder.goes_beyond else WITHIN
        return own.advance(len(record), ALONE if self._over else how) and own.append(record)

    def add_module(self, name: str, table: RunTable, record: bytes) -> int | None:
        """Make a module known before it runs and return the number of its first site.

        `record` is its `Control.MODULE` record up to the value of `base`, which comes last. None:
        the spool has no room, or the import came in the middle of another's record, so that no
        reader could make sense of the module's events; it must load without probes.
        """
        base = self.engine.add(name, table)
        packed = pack(base)
        if not self._write_own(record + packed, waits=False):
            return None
        self._modules.append((record, packed))
        return base

    def report(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Say something that a person should know of this recording."""
        facts = {"what": what, "name": name, "why": why, "line": line}
        self._write_own(pack([Control.REPORT, facts]))

    def meet_greenlets(self, module: object) -> None:
        """Tell greenlets apart from now on, if this is the library `greenlet`, of any maker."""
        try:
            greenlets = Greenlets(module)
            self.engine.meet_greenlets(greenlets)
        except (KeyError, TypeError, ValueError):
            # Somebody else's module: it switches nothing.
            return

    def see_output(self) -> None:
        """Record what the program prints, if the settings say so; until `close`."""
        why = self._output.start() if self._settings.output else None
        if why is not None:
            self.report("output-missing", "print", why)

    # Sessions

    def open_session(self, kind: str, trigger: str, module: str, function: str) -> None:
        """Begin a session on this thread that goes on until `close_session`."""
        recorder = self._recorder()
        facts: dict[str, object] = {"kind": kind, "trigger": trigger}
        facts["module"], facts["function"] = module, function
        recorder.begin(recorder.base, facts)
        recorder.base.held = True

    def close_session(self, error: BaseException | None) -> None:
        """End what `open_session` began, by `error` if there is one."""
        recorder = self._recorder()
        recorder.base.held = False
        captured = None if error is None else self.engine.captured(error)
        recorder.finish(recorder.base, captured)

    def process_began(self, origin: object) -> None:
        """Note which session of another process has started this one; called by the main thread."""
        session = self._origins.session(origin)
        if session is not None:
            self._parents[self._thread()] = session

    def thread_starts(self, thread: object) -> None:
        """Note which session starts the thread; called by the starting thread."""
        try:
            session = self._session_here()
        except Exception as error:
            self._own_fault("thread_starts", error)
            return
        if session is not None:
            self._parents[id(thread)] = session
        else:
            # A thread that never recorded may have left its own behind at this address.
            self._parents.pop(id(thread), None)

    def _session_here(self) -> Session | None:
        """Return the session that runs, or for which a pool's call does of which nothing is yet."""
        recorder = self._local.recorder
        if recorder is None or recorder.closed:
            return None
        strand = self.engine.known(recorder)
        return strand.session or (strand.parent if strand.held else None)

    def _recorder(self) -> Recorder:
        """Return the running thread's recorder. HOT: every probe of the Python core asks."""
        recorder = self._local.recorder
        return self._new_recorder() if recorder is None else recorder

    def _new_recorder(self) -> Recorder:
        self._introduce()
        recorder = self.engine.new_recorder(next(self._streams))
        recorder.base.parent = self._parents.pop(self._thread(), None)
        self._recorders.append(recorder)
        if self._over:
            recorder.close()
        self._local.recorder, self._local.end = recorder, _End(recorder, self._thread_over)
        return recorder

    def _thread_over(self, recorder: Recorder) -> None:
        """Give a thread's segment to the writer, as a server may have thousands after another."""
        recorder.close()
        with self._lock:
            if recorder in self._recorders:
                self._recorders.remove(recorder)
                self._past.update(recorder.counted())

    @staticmethod
    def _thread() -> int:
        """Return the `id()` of the running thread's object, or of None where it has none."""
        return id(threading._active.get(get_ident()))  # type: ignore[attr-defined]

    # Faults

    def _fault(self, site: int, error: BaseException) -> None:
        """Swallow an error of ours, and turn the site off; let one of the program's pass."""
        try:
            if _is_ours(error.__traceback__):
                self._turn_off(site, error)
                return
        except RecursionError:
            return
        except Exception as second:
            # What we meet while we say so is no more the program's than the first.
            if _is_ours(second.__traceback__):
                return
            raise
        raise error

    def _own_fault(self, name: str, error: Exception) -> None:
        """Swallow an error of ours beside the probes; let one of the program's pass."""
        if not _is_ours(error.__traceback__):
            raise error
        if not isinstance(error, RecursionError):
            self.report("probe-fault", f"rewind.{name}", f"{type(error).__name__}: {error}")

    def _turn_off(self, site: int, error: BaseException) -> None:
        if isinstance(error, (RecursionError, MemoryError)) or site in self._faults:
            return
        self._faults.add(site)
        self.engine.silence(site)
        name = self.engine.registry.qualname(site)
        self.report("probe-fault", name, f"{type(error).__name__}: {error}")

    # The end

    def close(self, facts: dict[str, object]) -> tuple[int, int] | None:
        """Say goodbye and record nothing more.

        Returns how many events were recorded, and about how many ns the probes took; None where
        the disk had no room to say which process this is, or has none for a goodbye.
        """
        self._output.stop()
        with self._lock:
            self._over = True
            recorders, counted = list(self._recorders), self._past.copy()
        for recorder in recorders:
            recorder.close()
            counted.update(recorder.counted())
        told = self._write_own(pack([Control.GOODBYE, facts | dict(counted)]))
        self._own.close()
        return (counted["events"], counted["probe_ns"]) if told and self._is_known else None


def _is_ours(traceback: TracebackType | None) -> bool:
    """Whether the error came up in Rewind's code and not in a signal handler's."""
    if traceback is None:
        return True
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename.startswith(_OURS)
