"""What goes wrong while Rewind says that something of it went wrong reaches no program."""

import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rewind.capture import core as capture_core
from tests.instrumented import recording, run, write

SOURCE = """
def deep(n):
    x = [n]
    x.append(n)
    x[0] = 1
    for i in (1,):
        if n: deep(n - 1)
    return x
def caught(n):
    try: deep(n)
    except RecursionError: return False
    return True
def stepwise(n):
    yield n
"""


class Forgetful(set[int]):
    """Sites that failed: each time is the first."""

    def add(self, _: int) -> None:
        """Keep nothing."""


def in_thread(work: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def runs() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is the test's own
            errors.append(error)

    thread = threading.Thread(target=runs)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def without_recorder(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every probe of a new thread fail."""
    monkeypatch.setattr(made.core, "_local", None)
    monkeypatch.setattr(made.core, "_faults", Forgetful())
    monkeypatch.setattr(made.core.engine, "silence", lambda _: None)


@pytest.mark.parametrize("room", [1, 2, 3, 5, 8, 11])
def test_a_fault_just_above_the_recursion_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = write(tmp_path, dedent(SOURCE))
    plain: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), plain)
    with recording(tmp_path / "spool") as made:
        recorded = run(made.code(path), path).namespace
        local = made.core._local
        without_recorder(made, monkeypatch)

        def work() -> None:
            most = sys.getrecursionlimit()
            while not plain["caught"](most):
                most -= 1
            # With nothing of Rewind's in between, that many frames are left at the bottom.
            assert recorded["caught"](most - room)

        in_thread(work)
        monkeypatch.setattr(made.core, "_local", local)


@pytest.mark.parametrize(
    "error", [OSError(28, "no space"), MemoryError(), RecursionError(), ValueError("a value")]
)
def test_a_fault_that_cannot_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = write(tmp_path, dedent(SOURCE))
    # In a file of Rewind's, so that nobody takes it for an error of a signal handler's.
    names: dict[str, Any] = {"error": error}
    text = "def fails(*_):\n    raise error\n"
    exec(compile(text, str(capture_core.__file__), "exec"), names)
    with recording(tmp_path / "spool") as made:
        recorded = run(made.code(path), path).namespace
        local = made.core._local
        without_recorder(made, monkeypatch)
        told = []
        for name in ("engine.registry.qualname", "report"):
            owner: Any = made.core
            *parts, last = name.split(".")
            for part in parts:
                owner = getattr(owner, part)
            with monkeypatch.context() as patched:

                def fails(*arguments: object, name: str = name) -> None:
                    told.append(name)
                    names["fails"](*arguments)

                patched.setattr(owner, last, fails)
                in_thread(lambda: recorded["deep"](3))
                in_thread(lambda: list(recorded["stepwise"](3)))
        assert set(told) == {"engine.registry.qualname", "report"}
        monkeypatch.setattr(made.core, "_local", local)


def test_a_fault_after_the_process_has_said_goodbye(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, dedent(SOURCE))
    with recording(tmp_path / "spool") as made:
        recorded = run(made.code(path), path).namespace
        without_recorder(made, monkeypatch)
        made.core._own.close()
        returned: list[object] = []
        in_thread(lambda: returned.append(recorded["deep"](3)))
        assert returned == [[1, 3]]
        monkeypatch.undo()


def test_an_error_of_the_programs_own_passes(tmp_path: Path) -> None:
    """As a signal handler raises it in the middle of a probe; whatever its kind."""
    with recording(tmp_path / "spool") as made:
        with pytest.raises(ValueError, match="the program's") as raised:
            int("the program's")
        with pytest.raises(ValueError, match="the program's"):
            made.core._fault(0, raised.value)


def test_a_goodbye_for_which_there_is_no_room_is_none(tmp_path: Path) -> None:
    """A spool that is full has room for a last word, of a process that is known to it."""
    with recording(tmp_path / "full", spool_max_bytes=1) as made:
        assert made.core.close({}) is None
    with recording(tmp_path / "filled") as made:
        made.core._introduce()
        made.core._folder.max_bytes = 1
        own = made.core._own.segment
        assert own is not None
        own.end_here()
        assert made.core.close({}) == (0, 0)
    with recording(tmp_path / "gone") as made:
        made.core._own.close()
        shutil.rmtree(tmp_path / "gone")
        assert made.core.close({}) is None
    with recording(tmp_path / "spool") as made:
        assert made.core.close({}) == (0, 0)
