"""What sqlite3 executes is told of truly, and as if nobody looked, whatever the program does."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import instrumented
from tests.outgoing import listened, told
from tests.unit.integrations.test_sql import native

pytestmark = native


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


@pytest.fixture
def lite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        yield connection


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
