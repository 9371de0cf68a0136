"""What sqlite3 executes is told of truly, and as if nobody looked, whatever the program does."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rewind.integrations.drivers import _Executions
from tests import instrumented
from tests.outgoing import listened, told
from tests.unit.integrations.test_sql import core, lite, native

__all__ = ["core", "lite"]

pytestmark = native


class _Interrupting:
    """In the place of what knows each thread's recorder: the first look for it is interrupted."""

    def __init__(self) -> None:
        self._interrupts = iter([KeyboardInterrupt])

    @property
    def recorder(self) -> object:
        raise next(self._interrupts, AttributeError)


def _execute(statement: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(statement)


def _in_thread(execute: Callable[[], None]) -> type[BaseException] | None:
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(execute).exception()
    return None if error is None else type(error)


def test_a_statement_is_told_whatever_is_executed_meanwhile(
    tmp_path: Path, lite: sqlite3.Connection
) -> None:
    with closing(sqlite3.connect(":memory:")) as other, listened(tmp_path) as (running, calls, _):

        def asked(n: int) -> int:
            other.execute("SELECT 'meanwhile'").close()
            return 1 // n

        def rows() -> Iterator[tuple[int, int]]:
            yield asked(1), 2

        lite.create_function("asked", 1, asked)
        cursor = lite.cursor()
        for _ in range(2):
            for owner in (cursor, lite):
                calls(owner.execute, "SELECT asked(?)", (1,)).fetchall()
                with pytest.raises(sqlite3.OperationalError):
                    calls(owner.execute, "SELECT asked(0)").fetchall()
                calls(owner.executemany, "INSERT INTO t VALUES (?, ?)", rows())
        found = Counter(one["statement"] for one in told(running.read(), "sql"))
    assert found == {
        "SELECT 'meanwhile'": 12,
        "SELECT asked(?)": 4,
        "SELECT asked(0)": 4,
        "INSERT INTO t VALUES (?, ?)": 4,
    }


def test_what_executes_is_asked_for_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Connection(sqlite3.Connection):
        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            return super().__getattribute__(name)

    with (
        closing(sqlite3.connect(":memory:", factory=Connection)) as connection,
        listened(tmp_path) as (_, calls, __),
    ):
        for _ in range(2):
            calls(connection.execute, "SELECT 1")
    assert "__class__" not in asked


def test_what_a_signals_handler_raises_while_a_statement_is_told_is_raised(
    tmp_path: Path, lite: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come wherever a step in Python is taken."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Executions, "began", interrupted)
    with listened(tmp_path) as (running, calls, _):
        with pytest.raises(sqlite3.OperationalError):
            calls(lite.execute, "SELECT x")
        is_quicker = instrumented.default_core == "native"
        with pytest.raises(KeyboardInterrupt if is_quicker else sqlite3.Error) as failed:
            calls(lite.execute, "SELECT x")
        if is_quicker:
            assert type(failed.value.__context__) is sqlite3.OperationalError
            monkeypatch.setattr(running.core, "_local", _Interrupting())
            assert _in_thread(partial(_execute, "SELECT x")) is KeyboardInterrupt
