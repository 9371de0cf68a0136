"""`on_full = "block"`: a recorded thread waits for room, and never for good."""

import fcntl
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import FrameType
from typing import Any

import pytest

from rewind.model.events import Control
from rewind.spool import room
from rewind.spool.reader import segments
from rewind.spool.stream import BEYOND, Folder, Stream
from tests.instrumented import CORES, Recording, recording, run, write

SOURCE = """
def f(x): return x * 500
def many(n):
    for i in range(n): f('x')
    return n
def handle(number, frame):
    done = f('y')
    raise LookupError('from the handler')
"""
BOUND = 1 << 20
BLOCKING: dict[str, Any] = {
    "segment_bytes": 4096,
    "spool_max_bytes": BOUND,
    "on_full": "block",
}


def subject(made: Recording, folder: Path) -> dict[str, Any]:
    path = write(folder, dedent(SOURCE))
    return run(made.code(path), path).namespace


def waiting(folder: Path) -> int:
    return sum(path.stat().st_size for _, path in segments(folder))


@contextmanager
def a_writer(folder: Path) -> Iterator[None]:
    """Hold the lock by which a writer is known."""
    with (folder / "writer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do something in another thread, that is not recorded."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def once(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def it_waits() -> bool:
    """Whether the main thread is in its wait: a handler that runs just before waits itself."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_code is not room._waited.__code__:
        frame = frame.f_back
    return frame is not None


class Drained:
    """Takes closed segments away once the spool is full, as a writer does, and keeps them."""

    def __init__(self, folder: Path, to: Path) -> None:
        self.folder, self.to = folder, to
        self.over = False
        self.most = 0
        to.mkdir()

    def work(self) -> None:
        while not self.over:
            self.most = max(self.most, waiting(self.folder))
            if self.most > BOUND:
                time.sleep(0.05)
                self.take()
            time.sleep(0.001)

    def take(self) -> None:
        found = list(segments(self.folder))
        last = {name[:3]: name for name, _ in found}
        for name, path in found:
            if last[name[:3]] != name:
                path.rename(self.to / path.name)


@pytest.mark.parametrize("core", CORES)
def test_threads_wait_for_room_and_nothing_is_lost(tmp_path: Path, core: str) -> None:
    with recording(tmp_path / "spool", core=core, **BLOCKING) as made:
        drained = Drained(made.folder, tmp_path / "taken")
        many = subject(made, tmp_path)["many"]
        with a_writer(made.folder), meanwhile(drained.work):
            try:
                other = threading.Thread(target=many, args=(3000,))
                other.start()
                assert many(3000) == 3000
                other.join()
            finally:
                drained.over = True
        for path in drained.to.iterdir():
            path.rename(made.folder / path.name)
        spool = made.read()
    assert spool.goodbyes[0]["dropped"] == 0
    assert spool.goodbyes[0]["events"] == len(spool.events)
    assert sum(event.function == "f" for event in spool.events) == 2 * 2 * 3000
    # One segment more for each of the two threads, and what a look before has promised.
    assert BOUND < drained.most <= BOUND + 4 * 4096


@pytest.mark.parametrize("core", CORES)
def test_without_a_writer_it_waits_so_long_and_then_drops_until_there_is_room(
    tmp_path: Path, core: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WITHOUT_WRITER_S", 0.3)
    with recording(tmp_path / "spool", core=core, **BLOCKING) as made:
        many = subject(made, tmp_path)["many"]
        began = time.monotonic()
        many(3000)
        first = time.monotonic() - began
        threads = [threading.Thread(target=many, args=(10,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Each of them for itself would have waited as long.
        assert 0.3 <= first < time.monotonic() - began < first + 8 * 0.3
        full = waiting(made.folder)
        assert full <= BOUND + 2 * 4096
        drained = Drained(made.folder, tmp_path / "taken")
        drained.take()
        recorder: Any = made.core._recorder()
        recorder._retry_ns = 0
        many(20)
        for path in drained.to.iterdir():
            path.rename(made.folder / path.name)
        spool = made.read()
    assert spool.goodbyes[0]["dropped"] > 1000
    last = max(event.session for event in spool.events)
    assert sum(event.session == last and event.function == "f" for event in spool.events) == 40


@pytest.mark.parametrize("core", CORES)
def test_a_signals_handler_runs_while_its_program_waits(tmp_path: Path, core: str) -> None:
    """What it raises reaches the program; what is recorded of it has a place."""
    with recording(tmp_path / "spool", core=core, **BLOCKING) as made:
        names = subject(made, tmp_path)
        before = signal.signal(signal.SIGALRM, names["handle"])

        def alarm() -> None:
            once(it_waits)
            signal.raise_signal(signal.SIGALRM)

        try:
            with (
                a_writer(made.folder),
                meanwhile(alarm),
                pytest.raises(LookupError, match="from the handler"),
            ):
                names["many"](100_000)
        finally:
            signal.signal(signal.SIGALRM, before)
        spool = made.read()
    assert spool.goodbyes[0]["dropped"] == 0
    raised = [event for event in spool.events if event.kind == "exception"]
    assert [event.function for event in raised] == ["handle", "f", "many"] or [
        event.function for event in raised
    ] == ["handle", "many"]


@pytest.mark.parametrize("core", CORES)
def test_ctrl_c_gets_through(tmp_path: Path, core: str) -> None:
    with recording(tmp_path / "spool", core=core, **BLOCKING) as made:
        names = subject(made, tmp_path)

        def press() -> None:
            once(it_waits)
            signal.raise_signal(signal.SIGINT)

        with a_writer(made.folder), meanwhile(press), pytest.raises(KeyboardInterrupt):
            names["many"](100_000)
        assert waiting(made.folder) <= BOUND + 4096
        assert made.read().goodbyes[0]["dropped"] == 0


@pytest.mark.parametrize("core", CORES)
def test_neither_a_handler_nor_the_way_out_is_held_up_for_want_of_room(
    tmp_path: Path, core: str
) -> None:
    """Once a wait was broken off, events are dropped and counted until there is room."""
    with recording(tmp_path / "spool", core=core, **BLOCKING) as made:
        names = subject(made, tmp_path)

        def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            assert names["many"](500) == 500
            raise LookupError

        before = signal.signal(signal.SIGALRM, handle)

        def alarm() -> None:
            once(it_waits)
            signal.raise_signal(signal.SIGALRM)

        try:
            with a_writer(made.folder), meanwhile(alarm), pytest.raises(LookupError):
                names["many"](100_000)
        finally:
            signal.signal(signal.SIGALRM, before)
        spool = made.read()
    dropped = spool.goodbyes[0]["dropped"]
    assert 0 < dropped == sum(one.rest[1] for one in spool.controls(Control.DROPPED))


def test_a_bound_below_what_is_open_is_no_reason_to_wait(tmp_path: Path) -> None:
    """All that can be drained is, and so nobody would ever make room."""
    folder = Folder(tmp_path, 7, 4096, 4096, blocks=True)
    streams = [Stream(folder, number) for number in range(3)]
    for stream in streams:
        assert stream.advance(10, BEYOND)
    room.wait_for_room(folder)
    assert folder.goes_beyond
    streams[0].close()
    with a_writer(tmp_path), meanwhile(lambda: remove_soon(tmp_path / "gone", tmp_path)):
        room.wait_for_room(folder)
    assert folder.goes_beyond
    assert not list(tmp_path.glob("*-0-0.seg"))


def remove_soon(mark: Path, folder: Path) -> None:
    """Give the wait time to begin, and then remove the one segment that is closed."""
    time.sleep(0.1)
    mark.touch()
    next(folder.glob("*-0-0.seg")).unlink()


def test_a_folder_that_is_gone_is_no_reason_to_wait(tmp_path: Path) -> None:
    gone = Folder(tmp_path / "gone", 7, 4096, 1, blocks=True)
    room.wait_for_room(gone)
    assert not gone.gave_up
