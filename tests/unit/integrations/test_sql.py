"""Statements are told of once, as the driver has them; drivers stay what they are."""

import asyncio
import gc
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from types import MethodDescriptorType
from typing import Any

import psycopg
import psycopg2
import psycopg2.extras
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from rewind.capture import why_not_native
from rewind.config.redaction import WITHHELD
from rewind.integrations.sql import Statements
from tests import instrumented
from tests.databases import *  # noqa: F403 - fixtures
from tests.outgoing import listened, told

native = pytest.mark.skipif(why_not_native() is not None, reason="only the extension sees it")


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


@pytest.fixture
def lite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        yield connection


@pytest.fixture
def in_python(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The statements that were begun by a step in Python."""
    begun: list[object] = []
    begin = Statements.begin

    def listening(self: Statements, statement: object, *of: Any) -> Any:
        begun.append(statement)
        return begin(self, statement, *of)

    monkeypatch.setattr(Statements, "begin", listening)
    return begun


def sql(statement: str, parameters: Any = None, **more: Any) -> dict[str, Any]:
    """Return what is told of a statement."""
    told = {"rows": None, "duration_ns": True, "error": None, "database": "sqlite"}
    return told | more | {"statement": statement, "parameters": parameters}


@native
def test_sqlite_tells_of_each_statement_once(tmp_path: Path, lite: sqlite3.Connection) -> None:
    with listened(tmp_path) as (running, calls, _):
        cursor = lite.cursor()
        calls(lite.executemany, "INSERT INTO t VALUES (?, ?)", [(1, 2), (3, 4)])
        calls(cursor.execute, "UPDATE t SET a = :a", {"a": 5})
        assert calls(lite.execute, "SELECT * FROM t").fetchall() == [(5, 2), (5, 4)]
        calls(cursor.executescript, "DELETE FROM t; SELECT 1")
        calls(lite.executescript, "SELECT 2")
        with pytest.raises(sqlite3.OperationalError, match="no such column: x"):
            calls(lite.execute, "SELECT x")
        lite.execute("SELECT 'outside of a session'")
        spool = running.read()
    assert told(spool, "sql") == [
        sql("INSERT INTO t VALUES (?, ?)", [(1, 2), (3, 4)], rows=2),
        sql("UPDATE t SET a = :a", {"a": 5}, rows=2),
        sql("SELECT * FROM t"),
        sql("DELETE FROM t; SELECT 1"),
        sql("SELECT 2"),
        sql("SELECT x", error="OperationalError: no such column: x"),
    ]
    assert {event.payload[1] for event in spool.of("sql")} == {3}


@native
def test_sqlite_stays_what_it_is(tmp_path: Path, lite: sqlite3.Connection) -> None:
    class Cursor(sqlite3.Cursor):
        @property
        def rowcount(self) -> int:
            raise AssertionError

        def execute(self, *arguments: Any) -> "Cursor":
            return super().execute(*arguments)

    before = dict(vars(sqlite3.Cursor))
    bound = lite.execute  # not seen: it is bound already
    with listened(tmp_path) as (running, calls, _):
        assert dict(vars(sqlite3.Cursor)) == before
        assert type(sqlite3.Cursor.execute) is MethodDescriptorType
        calls(Cursor(lite).execute, "SELECT 1")
        calls(bound, "SELECT 2")
        for statement in (1, None):
            with pytest.raises(TypeError) as failed:
                calls(lite.execute, statement)
            assert str(failed.value).startswith("execute() argument 1 must be str")
        with pytest.raises(TypeError, match="expected at least 1"):
            calls(lite.execute)
        held = running
    with pytest.raises(sqlite3.ProgrammingError):
        lite.execute("SELECT ?")
    bound("SELECT 3")
    found = [one["statement"] for one in told(held.read(), "sql")]
    assert found == ["SELECT 1", 1, None, None]


@native
def test_a_statement_is_told_alike_when_it_comes_again(
    tmp_path: Path, lite: sqlite3.Connection, in_python: list[object]
) -> None:
    """The native core's extension tells of usual ones once it is known that they are usual."""
    lite.create_function("raising", 1, lambda _: 1 / 0)
    usual: list[tuple[str, object]] = [
        ("INSERT INTO t VALUES (?, ?)", [1, "é"]),
        ("SELECT * FROM t WHERE a = :a", {"a": 1}),
        ("SELECT * FROM t", ()),
        ("SELECT raising(?)", (1,)),
        ("SELECT x", ()),
        ("DELETE FROM t", ()),
    ]
    unusual: list[tuple[str, object]] = [
        ("SELECT 'hidden' AS password", ()),
        (f"SELECT {'1 + ' * 3000} 1", ()),
    ]

    def execute(calls: Any, statement: str, parameters: object) -> None:
        with suppress(sqlite3.OperationalError):
            calls(lite.execute, statement, parameters).fetchall()

    with listened(tmp_path, sampling_rate=1.0) as (running, calls, _):
        for statement, parameters in (*usual, *unusual) * 2:
            execute(calls, statement, parameters)
        for _ in range(2):
            calls(lite.executemany, "INSERT INTO t VALUES (?, ?)", [(1, 2), (3, 4)])
        found = told(running.read(), "sql")
    first, again = found[: len(usual) + len(unusual)], found[len(usual) + len(unusual) : -2]
    assert first == again
    assert found[-2] == found[-1]
    assert [one["error"] for one in again[:6]] == [
        *[None] * 3,
        "OperationalError: user-defined function raised exception",
        "OperationalError: no such column: x",
        None,
    ]
    has_quicker_way = instrumented.default_core == "native"
    twice = [statement for statement, _ in unusual]
    once = [statement for statement, _ in usual]
    assert Counter(in_python) == Counter(
        dict.fromkeys(once, 1 if has_quicker_way else 2)
        | dict.fromkeys(twice, 2)
        | {"INSERT INTO t VALUES (?, ?)": 1 if has_quicker_way else 4}
    )


@native
def test_statements_leave_nothing_behind(tmp_path: Path, lite: sqlite3.Connection) -> None:
    source = """
    def calls(connection, n):
        for i in range(n):
            connection.execute("SELECT ?", (i,)).close()
            try: connection.execute("SELECT x")
            except Exception: pass
    async def awaits(): pass
    """
    with listened(tmp_path, source) as (_, calls, __):
        blocks = []
        for _ in range(5):
            calls(lite, 2000)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < 300


def test_what_names_a_secret_is_told_without_parameters_and_literals(
    tmp_path: Path, postgres: str
) -> None:
    asked: list[tuple[Any, ...]] = [
        ("CREATE TABLE users (name text, password text)",),
        ("INSERT INTO users VALUES ('me', 'hunter2')",),
        ("INSERT INTO users (name, password) VALUES (%s, %s)", ["a", "pw1"]),
        ("SELECT name FROM users WHERE password = 'it''s me'",),
        ("SELECT %(pin)s", {"pin": "4321"}),
    ]
    with psycopg.connect(postgres) as connection, listened(tmp_path) as (running, calls, _):
        for statement, *parameters in asked:
            # What the recorded function is given is recorded by itself.
            calls(partial(connection.execute, statement, *parameters))
        spool = running.read()
    found = [(one["statement"], one["parameters"]) for one in told(spool, "sql")]
    assert found[2] == ("INSERT INTO users (name, password) VALUES (%s, %s)", WITHHELD)
    assert found[3] == (f"SELECT name FROM users WHERE password = '{WITHHELD}'", None)
    # Nothing in the text says what it is.
    assert found[1] == ("INSERT INTO users VALUES ('me', 'hunter2')", None)
    assert found[4] == ("SELECT %(pin)s", WITHHELD)
    written = b"".join(p.read_bytes() for p in (tmp_path / "spool").iterdir() if p.is_file())
    assert b"pw1" not in written
    assert b"4321" not in written
    assert b"s me" not in written


@pytest.mark.postgres
def test_psycopg_tells_of_statements(tmp_path: Path, postgres: str) -> None:
    name = postgres.rpartition("/")[2]
    with psycopg.connect(postgres) as connection, listened(tmp_path) as (running, calls, _):
        calls(connection.execute, "CREATE TABLE t (a int)")
        with connection.cursor() as cursor:
            calls(cursor.executemany, "INSERT INTO t VALUES (%s)", [(1,), (2,)])
            calls(cursor.execute, b"SELECT a FROM t WHERE a > %s", (0,))
            assert cursor.fetchall() == [(1,), (2,)]
            calls(cursor.execute, psycopg.sql.SQL("SELECT 1"))
        with connection.cursor("named") as server_side:
            calls(server_side.execute, "SELECT a FROM t")
        with pytest.raises(psycopg.errors.UndefinedColumn) as failed:
            calls(connection.execute, "SELECT x")
        spool = running.read()
    where = {"database": f"postgresql:{name}"}
    found = told(spool, "sql")
    assert found[:3] == [
        sql("CREATE TABLE t (a int)", **where),
        sql("INSERT INTO t VALUES (%s)", [(1,), (2,)], rows=2, **where),
        sql("SELECT a FROM t WHERE a > %s", (0,), rows=2, **where),
    ]
    assert "SELECT 1" in repr(found[3]["statement"])
    assert found[4]["statement"] == "SELECT a FROM t"
    assert found[5]["error"].startswith('UndefinedColumn: column "x" does not exist')
    assert len(found) == 6
    assert "beside.py" not in {Path(entry.path).name for entry in failed.traceback}


@pytest.mark.postgres
def test_a_statement_on_a_closed_connection_fails_as_it_does(tmp_path: Path, postgres: str) -> None:
    connection = psycopg.connect(postgres)
    with connection.cursor() as cursor:
        connection.close()
        with listened(tmp_path) as (running, calls, _):
            with pytest.raises(
                psycopg.OperationalError, match="the connection is closed"
            ) as failed:
                calls(cursor.execute, "SELECT 1")
            (event,) = told(running.read(), "sql")
    assert event["error"] == "OperationalError: the connection is closed"
    assert event["database"] == "postgresql"
    assert failed.traceback[-1].name != "dbname"


@pytest.mark.postgres
def test_psycopg_tells_of_statements_of_tasks(tmp_path: Path, postgres: str) -> None:
    async def main(awaits: Any) -> None:
        async with await psycopg.AsyncConnection.connect(postgres) as connection:

            async def ask(n: int) -> None:
                async with connection.cursor() as cursor:
                    await awaits(cursor.execute, "SELECT %s::int", (n,))

            await asyncio.gather(ask(1), ask(2))

    with listened(tmp_path) as (running, _, awaits):
        asyncio.run(main(awaits))
        spool = running.read()
    assert sorted(one["parameters"] for one in told(spool, "sql")) == [(1,), (2,)]
    assert len({event.session for event in spool.of("sql")}) == 2


@native
@pytest.mark.postgres
def test_psycopg2_tells_of_statements(tmp_path: Path, postgres: str) -> None:
    with (
        closing(psycopg2.connect(postgres)) as connection,
        listened(tmp_path) as (running, calls, _),
    ):
        cursor = connection.cursor(cursor_factory=psycopg2.extras.DictCursor)
        calls(cursor.execute, "SELECT %s AS a", (1,))
        assert cursor.fetchone()["a"] == 1
        calls(cursor.execute, vars=(2,), query="SELECT %s")
        calls(cursor.callproc, "abs", (-3,))
        with pytest.raises(psycopg2.errors.UndefinedColumn):
            calls(cursor.execute, "SELECT x")
        found = told(running.read(), "sql")
    where = {"database": "postgresql"}
    assert found[:3] == [
        sql("SELECT %s AS a", (1,), rows=1, **where),
        sql("SELECT %s", (2,), rows=1, **where),
        sql("abs", (-3,), rows=1, **where),
    ]
    assert found[3]["error"].startswith('UndefinedColumn: column "x" does not exist')


@native
@pytest.mark.postgres
def test_what_psycopg2_executes_is_told_alike_when_it_comes_again(
    tmp_path: Path, postgres: str, in_python: list[object]
) -> None:
    with (
        closing(psycopg2.connect(postgres)) as connection,
        listened(tmp_path) as (running, calls, _),
    ):
        connection.autocommit = True
        for _ in range(2):
            cursor = connection.cursor()
            calls(cursor.execute, "SELECT %s", (1,))
            calls(cursor.callproc, "abs", (-3,))
            with pytest.raises(psycopg2.errors.UndefinedColumn):
                calls(cursor.execute, "SELECT x")
        found = told(running.read(), "sql")
    assert found[:3] == found[3:]
    # A procedure is called in another way.
    again = ["abs"] if instrumented.default_core == "native" else ["SELECT %s", "abs", "SELECT x"]
    assert in_python == ["SELECT %s", "abs", "SELECT x", *again]


@pytest.mark.postgres
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "sqlite"])
def test_sqlalchemy_over_a_driver_tells_of_a_statement_once(
    tmp_path: Path, postgres: str, driver: str
) -> None:
    url = "sqlite://" if driver == "sqlite" else postgres.replace("://", f"+{driver}://")
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection, listened(tmp_path) as (running, calls, _):
        calls(connection.execute, sqlalchemy.text("SELECT 42 + :n"), {"n": 1})
        calls(connection.exec_driver_sql, "SELECT 43")
        with pytest.raises(sqlalchemy.exc.DBAPIError):
            calls(connection.exec_driver_sql, "SELECT x")
        found = told(running.read(), "sql")
    engine.dispose()
    asked = [one for one in found if one["statement"].startswith("SELECT")]
    assert len(asked) == 3
    assert [one["error"] is None for one in asked] == [True, True, False]


def test_sqlalchemy_tells_of_drivers_that_are_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SQLite's is where the extension is not."""
    monkeypatch.setattr("rewind.integrations.methods._native", object)
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection, listened(tmp_path) as (running, calls, _):
        calls(connection.exec_driver_sql, "SELECT 43")
        calls(connection.execute, sqlalchemy.text("SELECT :n"), {"n": 1})
        with pytest.raises(sqlalchemy.exc.OperationalError):
            calls(connection.exec_driver_sql, "SELECT x")
        spool = running.read()
    engine.dispose()
    assert told(spool, "sql") == [
        sql("SELECT 43", ()),
        sql("SELECT ?", (1,)),
        sql("SELECT x", (), error="OperationalError: no such column: x"),
    ]
    assert {one["name"] for one in spool.reports} == {"sqlite3.dbapi2", "psycopg2.extensions"}


def test_outgoing_without_sql_leaves_it_out(tmp_path: Path, lite: sqlite3.Connection) -> None:
    with listened(tmp_path, outgoing=("http",)) as (running, calls, _):
        calls(lite.execute, "SELECT 1")
        assert told(running.read(), "sql") == []


@native
def test_what_aiosqlite_executes_on_its_thread_is_no_fault(tmp_path: Path) -> None:
    async def main(awaits: Any) -> Any:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.connect() as connection:
            found = await awaits(connection.exec_driver_sql, "SELECT 44")
            answer = found.scalar()
        await engine.dispose()
        return answer

    with listened(tmp_path) as (running, _, awaits):
        assert asyncio.run(main(awaits)) == 44
        assert running.read().reports == []
