"""Statements by drivers of asyncio are told of once, in the task that asks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import psycopg
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from rewind.config.redaction import WITHHELD
from tests import instrumented
from tests.databases import *  # noqa: F403 - fixtures
from tests.outgoing import CALLS, listened, told
from tests.spool_reading import Spool
from tests.unit.integrations.test_sql import sql

Main = Callable[[Callable[..., Any]], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


def recorded(folder: Path, main: Main, source: str = CALLS) -> Spool:
    """Run a main function, which is given one that is recorded and awaits; return the spool."""
    with listened(folder, source) as (running, _, awaits):
        asyncio.run(main(awaits))
        spool = running.read()
    assert spool.reports == []
    return spool


def test_aiosqlite_tells_of_each_statement_once(tmp_path: Path) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        async with aiosqlite.connect(":memory:") as connection:
            await awaits(connection.execute, "CREATE TABLE t (a)")
            await awaits(connection.executemany, "INSERT INTO t VALUES (?)", [(1,), (2,)])
            cursor = await connection.cursor()
            await awaits(cursor.execute, "UPDATE t SET a = :a", {"a": 5})
            assert await awaits(connection.execute_fetchall, "SELECT a FROM t") == [(5,), (5,)]
            await awaits(connection.execute_insert, "INSERT INTO t VALUES (?)", (6,))
            await awaits(cursor.executescript, "DELETE FROM t; SELECT 1")
            with pytest.raises(aiosqlite.OperationalError, match="no such column: x"):
                await awaits(connection.execute, "SELECT x")
            await connection.execute("SELECT 'outside of a session'")

    assert told(recorded(tmp_path, main), "sql") == [
        sql("CREATE TABLE t (a)"),
        sql("INSERT INTO t VALUES (?)", [(1,), (2,)], rows=2),
        sql("UPDATE t SET a = :a", {"a": 5}, rows=2),
        sql("SELECT a FROM t", rows=2),
        sql("INSERT INTO t VALUES (?)", (6,)),
        sql("DELETE FROM t; SELECT 1"),
        sql("SELECT x", error="OperationalError: no such column: x"),
    ]


@asynccontextmanager
async def asyncpg_at(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.postgres
def test_asyncpg_tells_of_each_statement_once(tmp_path: Path, postgres: str) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        async with asyncpg_at(postgres) as connection:
            await awaits(connection.execute, "CREATE TABLE t (a int)")
            await awaits(connection.execute, "INSERT INTO t VALUES ($1), ($2)", 1, 2)
            await awaits(connection.executemany, "INSERT INTO t VALUES ($1)", [(3,), (4,)])
            assert await awaits(connection.fetchval, "SELECT a FROM t WHERE a = $1", 1) == 1
            assert len(await awaits(connection.fetch, "SELECT a FROM t")) == 4
            prepared = await connection.prepare("UPDATE t SET a = a + $1")
            await awaits(prepared.fetch, 10)
            await awaits(prepared.executemany, [(1,), (2,)])
            with pytest.raises(asyncpg.UndefinedColumnError) as failed:
                await awaits(connection.fetchrow, "SELECT x")
            assert "beside.py" not in {Path(entry.path).name for entry in failed.traceback}

    where = {"database": f"postgresql:{postgres.rpartition('/')[2]}"}
    found = told(recorded(tmp_path, main), "sql")
    assert found[:-1] == [
        sql("CREATE TABLE t (a int)", **where),
        sql("INSERT INTO t VALUES ($1), ($2)", (1, 2), rows=2, **where),
        sql("INSERT INTO t VALUES ($1)", [(3,), (4,)], **where),
        sql("SELECT a FROM t WHERE a = $1", (1,), rows=1, **where),
        sql("SELECT a FROM t", rows=4, **where),
        sql("UPDATE t SET a = a + $1", (10,), rows=4, **where),
        sql("UPDATE t SET a = a + $1", [(1,), (2,)], **where),
    ]
    assert found[-1]["error"].startswith('UndefinedColumnError: column "x" does not exist')


@pytest.mark.postgres
def test_asyncpg_tells_of_cursors_and_copies(tmp_path: Path, postgres: str) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        async with asyncpg_at(postgres) as connection:
            await connection.execute("CREATE TABLE t (a int)")
            await awaits(connection.copy_to_table, "t", source=BytesIO(b"1\n2\n"))
            await awaits(connection.copy_records_to_table, "t", records=[(3,)])
            target = BytesIO()
            await awaits(connection.copy_from_query, "SELECT a FROM t", output=target)
            assert target.getvalue() == b"1\n2\n3\n"

            async def all_of() -> list[int]:
                query = "SELECT a FROM t WHERE a > $1"
                return [row[0] async for row in connection.cursor(query, 1, prefetch=1)]

            async with connection.transaction():
                assert await awaits(all_of) == [2, 3]
                cursor = await awaits(lambda: awaited(connection.cursor("SELECT 7")))
                assert await awaits(cursor.fetchrow) == (7,)

    found = told(recorded(tmp_path, main), "sql")
    assert [(one["statement"].strip(), one["rows"]) for one in found] == [
        ('COPY "t" FROM STDIN', 2),
        ("COPY t FROM STDIN", 1),
        ("COPY (SELECT a FROM t) TO STDOUT", 3),
        ("SELECT a FROM t WHERE a > $1", None),
        ("SELECT 7", None),
    ]
    assert found[3]["parameters"] == (1,)


async def awaited(one: Awaitable[Any]) -> Any:
    return await one


@pytest.mark.postgres
def test_tasks_tell_of_their_own_statements_and_pools_of_what_they_send(
    tmp_path: Path, postgres: str
) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        async with asyncpg.create_pool(postgres, min_size=2, max_size=2) as pool:
            work = [awaits(pool.fetchval, "SELECT $1::int", n) for n in range(6)]
            assert await asyncio.gather(*map(asyncio.create_task, work)) == [*range(6)]

    spool = recorded(tmp_path, main)
    asked = [one for one in told(spool, "sql") if one["statement"] == "SELECT $1::int"]
    assert sorted(one["parameters"] for one in asked) == [(n,) for n in range(6)]
    assert len({event.session for event in spool.of("sql")}) == 6


def test_what_names_a_secret_is_told_without_parameters(tmp_path: Path) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        async with aiosqlite.connect(":memory:") as connection:
            # What the recorded function is given is recorded by itself.
            await awaits(lambda: connection.execute("SELECT ? AS password", ("hunter2",)))

    (found,) = told(recorded(tmp_path, main), "sql")
    assert (found["statement"], found["parameters"]) == ("SELECT ? AS password", WITHHELD)
    written = b"".join(p.read_bytes() for p in (tmp_path / "spool").iterdir() if p.is_file())
    assert b"hunter2" not in written


@pytest.fixture(params=["sqlite+aiosqlite", "postgresql+asyncpg", "postgresql+psycopg"])
def engine(request: pytest.FixtureRequest, postgres: str) -> str:
    """The URL of a database by a driver of asyncio."""
    chosen: str = request.param
    return f"{chosen}://{'' if chosen.startswith('sqlite') else postgres.partition('://')[2]}"


@pytest.mark.postgres
def test_sqlalchemy_over_a_driver_tells_of_a_statement_once(tmp_path: Path, engine: str) -> None:
    async def main(awaits: Callable[..., Any]) -> None:
        made = create_async_engine(engine)
        async with made.connect() as connection:
            found = await awaits(connection.execute, sqlalchemy.text("SELECT 42 + :n"), {"n": 1})
            assert found.scalar() == 43
            await awaits(connection.exec_driver_sql, "SELECT 44")
            await awaits(connection.run_sync, lambda one: one.exec_driver_sql("SELECT 45"))
            with pytest.raises(sqlalchemy.exc.DBAPIError):
                await awaits(connection.exec_driver_sql, "SELECT x")
        await made.dispose()

    found = [one for one in told(recorded(tmp_path, main), "sql") if "SELECT" in one["statement"]]
    # As the dialect has it written for the driver.
    assert [one["statement"][:9] for one in found] == [
        "SELECT 42",
        "SELECT 44",
        "SELECT 45",
        "SELECT x",
    ]
    assert [one["error"] is None for one in found] == [True, True, True, False]
    assert {one["database"].partition(":")[0] for one in found} == {engine.partition("+")[0]}


@pytest.mark.postgres
def test_what_a_function_in_a_greenlet_of_sqlalchemys_executes_is_that_ones(
    tmp_path: Path, engine: str
) -> None:
    source = """
    import sqlalchemy

    def calls(connection):
        return connection.scalar(sqlalchemy.text("SELECT 46"))

    async def awaits(connection):
        before = await connection.scalar(sqlalchemy.text("SELECT 45"))
        return before, await connection.run_sync(calls), await connection.run_sync(fails)

    def fails(connection):
        try:
            connection.exec_driver_sql("SELECT x")
        except sqlalchemy.exc.DBAPIError:
            return None
    """

    async def main(awaits: Callable[..., Any]) -> None:
        made = create_async_engine(engine)
        async with made.connect() as connection:
            assert await awaits(connection) == (45, 46, None)
        await made.dispose()

    spool = recorded(tmp_path, main, source)
    statements = [one["statement"] for one in told(spool, "sql")]
    where = dict(zip(statements, spool.of("sql"), strict=True))
    kinds = {one["key"]: one["kind"] for one in spool.sessions}
    asked = ("SELECT 45", "SELECT 46", "SELECT x")
    assert [kinds[where[one].session] for one in asked] == ["task", "greenlet", "greenlet"]
    assert len([one for one in statements if one in asked]) == len(asked)


@pytest.mark.postgres
def test_psycopg_tells_of_streams_and_copies(tmp_path: Path, postgres: str) -> None:
    def copies(cursor: Any) -> None:
        with cursor.copy("COPY t (a) FROM STDIN") as copy:
            for number in range(3):
                copy.write_row((number,))

    def streams(cursor: Any) -> list[int]:
        return [row[0] for row in cursor.stream("SELECT a FROM t WHERE a > %s", (0,))]

    def takes_one(cursor: Any) -> int:
        rows = cursor.stream("SELECT a FROM t")
        first: int = next(rows)[0]
        rows.close()
        return first

    with psycopg.connect(postgres) as connection, listened(tmp_path) as (running, calls, _):
        connection.execute("CREATE TABLE t (a int)")
        with connection.cursor() as cursor:
            calls(copies, cursor)
            assert calls(streams, cursor) == [1, 2]
            assert calls(takes_one, cursor) == 0
            with pytest.raises(psycopg.errors.UndefinedColumn):
                calls(lambda: [*cursor.stream("SELECT x")])
        spool = running.read()
    assert spool.reports == []
    found = told(spool, "sql")
    assert [(one["statement"], one["parameters"]) for one in found] == [
        ("COPY t (a) FROM STDIN", None),
        ("SELECT a FROM t WHERE a > %s", (0,)),
        ("SELECT a FROM t", None),
        ("SELECT x", None),
    ]
    assert (found[0]["rows"], found[2]["error"]) == (3, None)
    assert found[3]["error"].startswith('UndefinedColumn: column "x" does not exist')


@pytest.mark.postgres
def test_psycopg_tells_of_streams_and_copies_of_tasks(tmp_path: Path, postgres: str) -> None:
    async def copies(cursor: Any) -> list[int]:
        async with cursor.copy("COPY (SELECT 1 UNION SELECT 2 ORDER BY 1) TO STDOUT") as copy:
            return [int(row[0]) async for row in copy.rows()]

    async def streams(cursor: Any) -> list[int]:
        return [row[0] async for row in cursor.stream("SELECT generate_series(1, %s)", (3,))]

    async def main(awaits: Callable[..., Any]) -> None:
        async with (
            await psycopg.AsyncConnection.connect(postgres) as connection,
            connection.cursor() as cursor,
        ):
            assert await awaits(copies, cursor) == [1, 2]
            assert await awaits(streams, cursor) == [1, 2, 3]

    found = told(recorded(tmp_path, main), "sql")
    assert [one["statement"].partition(" ")[0] for one in found] == ["COPY", "SELECT"]
    assert (found[0]["rows"], found[1]["parameters"]) == (2, (3,))
