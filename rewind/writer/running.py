"""The writer as a process: its lock, its log, the signals it heeds, and how it ends."""

import gc
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rewind.errors import RewindError
from rewind.spool.process import is_alive
from rewind.spool.temporary import held
from rewind.store import UnreachableDatabaseError, open_store
from rewind.writer.drain import Drain
from rewind.writer.folder import RecordingFolder, locked
from rewind.writer.retry import GaveUpError, Retry
from rewind.writer.settings import WriterSettings

DRAINED = 0
KEPT = 1
"""Exit code when a part of the spool was left for another writer."""

_log = logging.getLogger("rewind.writer")


class Stop:
    """Whether the writer was told to end; set by a signal, asked between steps."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, *_: object) -> None:
        """Take SIGTERM: what is in the spool is still drained."""
        self.asked = True

    def __call__(self) -> bool:
        """Return whether to end."""
        return self.asked


def run(folder: Path, settings: WriterSettings) -> int:
    """Drain the recording in `folder`; returns the process's exit code.

    0: all is stored and the folder removed, or another writer is at it. 1: something was left, and
    `writer.log` says why. Meant for a process of its own, also a forked one: it takes over its
    signals until it returns, and keeps the garbage collector away from what is there already.
    """
    with locked(folder) as mine:
        if not mine:
            return DRAINED
        with (
            _logging_to(folder / "writer.log"),
            _signals() as stop,
            _few_collections(),
            held(settings.database),
        ):
            return _drain(folder, settings, stop)


def _drain(folder: Path, settings: WriterSettings, stop: Stop) -> int:
    try:
        recording = RecordingFolder(folder)
    except RewindError as error:
        _log.error("%s", error)
        return KEPT
    retry = Retry(settings, stop, lambda: _is_alone(recording))
    try:
        store = retry(
            lambda: open_store(settings.database, record=True), passing=UnreachableDatabaseError
        )
        try:
            over = Drain(recording, store, settings, retry, stop).run()
        finally:
            store.close()
    except (RewindError, GaveUpError, OSError) as error:
        _refuse(recording, str(error))
        return KEPT
    if not over or recording.has_damage():
        return KEPT
    recording.remove()
    return DRAINED


def _is_alone(recording: RecordingFolder) -> bool:
    places = {recording.launcher, *recording.processes()}
    return not any(is_alive(*place) for place in places)


def _refuse(recording: RecordingFolder, why: str) -> None:
    """Tell every process's end that the recording is not in the database."""
    _log.error("the recording stays in the spool: %s", why)
    for place in {recording.launcher, *recording.processes()}:
        with suppress(OSError):
            recording.write_done(place, {"error": why})


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    # Opened only when there is something to say.
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    try:
        yield
    finally:
        _log.removeHandler(handler)
        handler.close()


@contextmanager
def _signals() -> Iterator[Stop]:
    """Outlive the terminal's Ctrl-C and hang-up; end in an orderly way at SIGTERM."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    wanted: dict[signal.Signals, Callable[..., None] | signal.Handlers] = {
        signal.SIGINT: signal.SIG_IGN,
        signal.SIGHUP: signal.SIG_IGN,
        signal.SIGTERM: stop.ask,
    }
    before = {number: signal.signal(number, how) for number, how in wanted.items()}
    try:
        yield stop
    finally:
        for number, how in before.items():
            signal.signal(number, how)


@contextmanager
def _few_collections() -> Iterator[None]:
    # The writer makes no cycles of its own, and the collector's looks cost a tenth of its time.
    threshold = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, *threshold[1:])
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()
