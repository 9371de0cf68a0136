import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, event, inspect

from rewind.errors import (
    ConfigError,
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    StoreError,
)
from rewind.sqlite_file import APPLICATION_ID, HEAD, is_current
from rewind.store import (
    Bounds,
    SessionFilter,
    UnreachableDatabaseError,
    count_sessions,
    open_store,
    pin,
    read_chunks,
    read_function_calls,
    read_modules,
    read_outlines,
    read_sessions,
    read_status,
    retain,
    schema,
)
from rewind.store.opening import _engine, _parsed, writing
from rewind.store.rows import FunctionCalls, Outline, Session
from rewind.store.upgrading import alembic_config, upgrade_schema
from tests import stored
from tests.databases import fresh_database, own_server


def state(folder: Path) -> dict[str, tuple[int, str]]:
    """What a folder holds: each file's time of change and content."""
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.iterdir()
    }


def at_revision(url: str, revision: str) -> None:
    """Make a database of ours as it was at a revision."""
    with engine_at(url) as engine:
        upgrade_schema(engine, revision)


@contextmanager
def engine_at(url: str) -> Iterator[Engine]:
    engine = _engine(_parsed(url))
    yield engine
    engine.dispose()


def pretend_revision(url: str, revision: str) -> None:
    """Make a database of ours that a later version of Rewind has upgraded."""
    open_store(url, upgrade=True).close()
    set_revision(url, revision)


def set_revision(url: str, revision: str) -> None:
    statement = f"UPDATE alembic_version SET version_num = '{revision}'"
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(url) as server:
            server.execute(statement)


def test_a_database_is_made_where_there_is_none(database: str) -> None:
    open_store(database, upgrade=True).close()
    opened = open_store(database, upgrade=False)
    assert read_status(opened).sessions == 0
    opened.close()


def test_without_upgrade_nothing_is_made(database: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there are no recordings at .*; record something first"):
        open_store(database, upgrade=False)
    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_file_says_that_it_is_ours_and_keeps_a_log(tmp_path: Path) -> None:
    path = tmp_path / "rewind.db"
    open_store(f"sqlite:///{path}", upgrade=True).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_whose_maker_was_killed_before_it_had_a_log_gets_one(tmp_path: Path) -> None:
    path = without_log(tmp_path / "rewind.db")
    open_store(f"sqlite:///{path}").close()
    assert journal_of(path) == "delete", "who only reads changes nothing"
    open_store(f"sqlite:///{path}", record=True).close()
    assert journal_of(path) == "wal"


def test_a_file_that_others_use_meanwhile_is_opened_without_a_log(tmp_path: Path) -> None:
    """Two programs have begun at once: the one that has made the file is not to fail by that."""
    path = tmp_path / "rewind.db"
    others: list[sqlite3.Connection] = []

    def meanwhile(_: object, __: object, statement: str, *_more: object) -> None:
        if statement == "PRAGMA journal_mode=WAL":
            others.append(sqlite3.connect(path, isolation_level=None))
            others[0].execute("BEGIN IMMEDIATE")

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        open_store(f"sqlite:///{path}", record=True).close()
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
        others[0].close()
    assert journal_of(path) == "delete"


KILLED_WHILE_IT_WRITES = """
import resource, signal, sqlite3, sys
from rewind.store import open_store
path, size, statement = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
if not statement:
    open_store(f"sqlite:///{path}", record=True)
sqlite3.connect(path, isolation_level=None).execute(statement)
"""
"""Ends by the kernel, as by `kill -9`, where the file becomes larger than that."""


def killed_at(path: Path, size: int, statement: str = "") -> None:
    command = [sys.executable, "-c", KILLED_WHILE_IT_WRITES, str(path), str(size), statement]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == -signal.SIGXFSZ
    assert path.with_name("rewind.db-journal").exists()


@pytest.mark.parametrize("size", [4096, 50_000])
def test_a_file_whose_maker_was_killed_in_the_middle_is_made_anew(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "rewind.db"
    url = f"sqlite:///{path}"
    killed_at(path, size)
    with pytest.raises(StoreError, match="there are no recordings"):
        open_store(url)
    killed_at(path, size)
    assert not is_current(url)
    open_store(url, record=True).close()
    assert is_current(url)
    assert journal_of(path) == "wal"


def test_a_file_without_a_log_whose_writer_was_killed_is_as_it_was_before(tmp_path: Path) -> None:
    path = without_log(tmp_path / "rewind.db")
    statement = "CREATE TABLE more AS SELECT zeroblob(1000000)"
    killed_at(path, path.stat().st_size + 50_000, statement)
    store = open_store(f"sqlite:///{path}")
    assert read_status(store).sessions == 0
    assert "more" not in inspect(store.engine).get_table_names()
    store.close()


def without_log(path: Path) -> Path:
    """Make a database that has no write-ahead log."""
    open_store(f"sqlite:///{path}", record=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


def journal_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_folder_of_ours_is_kept_out_of_the_users_repository(tmp_path: Path) -> None:
    folder = tmp_path / "project" / ".rewind"
    open_store(f"sqlite:///{folder}/rewind.db", upgrade=True).close()
    assert (folder / ".gitignore").read_text() == "*\n"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_the_users_gets_no_gitignore(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    open_store(f"sqlite:///{folder}/rewind.db", upgrade=True).close()
    assert not (folder / ".gitignore").exists()


@pytest.mark.parametrize("upgrade", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, upgrade: bool
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk")
    before = state(tmp_path)
    with pytest.raises(ForeignDatabaseError, match=r"notes\.txt holds something"):
        open_store(f"sqlite:///{path}", upgrade=upgrade)
    assert state(tmp_path) == before


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("upgrade", [True, False])
def test_somebody_elses_sqlite_file_is_refused_and_left_alone(
    tmp_path: Path, upgrade: bool, journal: str
) -> None:
    path = tmp_path / "bank.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    connection.close()
    before = state(tmp_path)
    with pytest.raises(ForeignDatabaseError, match=r"bank\.db holds something"):
        open_store(f"sqlite:///{path}", upgrade=upgrade)
    assert state(tmp_path) == before


@pytest.mark.postgres
@pytest.mark.parametrize("upgrade", [True, False])
def test_somebody_elses_postgres_database_is_refused_and_left_alone(
    postgres: str, upgrade: bool
) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(ForeignDatabaseError):
        open_store(postgres, upgrade=upgrade)
    with psycopg.connect(postgres) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == [("accounts",)]


@pytest.mark.parametrize("upgrade", [True, False])
def test_a_newer_database_is_refused(database: str, tmp_path: Path, upgrade: bool) -> None:
    pretend_revision(database, "9999")
    before = state(tmp_path)
    with pytest.raises(NewDatabaseError, match="was made by a newer Rewind"):
        open_store(database, upgrade=upgrade)
    assert state(tmp_path) == before


def test_a_newer_database_is_refused_while_another_process_has_it_open(tmp_path: Path) -> None:
    """What it is may stand in the write-ahead log only."""
    url = f"sqlite:///{tmp_path}/rewind.db"
    open_store(url, upgrade=True).close()
    connection = sqlite3.connect(tmp_path / "rewind.db", isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = state(tmp_path)
    with pytest.raises(NewDatabaseError):
        open_store(url, upgrade=True)
    assert set(state(tmp_path)) == set(before)
    assert state(tmp_path)["rewind.db"] == before["rewind.db"]
    assert state(tmp_path)["rewind.db-wal"] == before["rewind.db-wal"]
    connection.close()


def test_an_older_database_is_refused_where_it_must_not_be_changed(
    database: str, tmp_path: Path
) -> None:
    at_revision(database, "0001")
    before = state(tmp_path)
    with pytest.raises(OldDatabaseError, match="run `rewind db upgrade`"):
        open_store(database, upgrade=False)
    assert state(tmp_path) == before


def test_an_older_database_is_upgraded_and_keeps_its_data(database: str) -> None:
    at_revision(database, "0001")
    engine = _engine(_parsed(database))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO recordings VALUES ('r', 'old', '[]', '/', '3', 'c', 'p', 'h', "
            "NULL, NULL, '{}', 5, '{}')"
        )
    engine.dispose()
    opened = open_store(database, upgrade=True)
    row = stored.recording(id="r")
    found = opened.engine.connect()
    assert found.exec_driver_sql("SELECT id, name FROM recordings").all() == [(row.id, "old")]
    found.close()
    stored.put(opened, stored.batch())
    opened.close()


def test_modules_survive_the_change_of_their_key_both_ways(database: str) -> None:
    """The newer one keeps modules without sites; the older one keeps those that have some."""
    opened = open_store(database, upgrade=True)
    rows = stored.batch()
    (module,) = rows.modules
    empty = module._replace(name="shop.empty", functions=(), sites=())
    stored.put(opened, replace(rows, modules=[empty, module]))
    assert {each.name for each in read_modules(opened, module.process_id)} == {
        module.name,
        empty.name,
    }
    with opened.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
        kept = connection.exec_driver_sql("SELECT name FROM modules").scalars().all()
    opened.close()
    assert kept == [module.name]
    again = open_store(database, upgrade=True)
    assert read_modules(again, module.process_id) == [module]
    again.close()


def test_pins_and_the_index_of_sizes_come_and_go(database: str) -> None:
    at_revision(database, "0004")
    engine = _engine(_parsed(database))
    later = {"pinned", "parent_id", "trace_id", "parent_span"}
    columns = ", ".join(c.name for c in schema.sessions.columns if c.name not in later)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO recordings VALUES ('r', 'old', '[]', '/', '3', 'c', 'p', 'h', "
            "NULL, NULL, '{}', 5, '{}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO processes (id, recording_id, pid, start_ticks, status, argv, events, "
            "dropped) VALUES ('p', 'r', 1, 1, 'ended', '[]', 1, 0)"
        )
        connection.exec_driver_sql(
            f"INSERT INTO sessions ({columns}) VALUES ('s', 'r', 'p', 1, 't', 'script', 'error', "
            "5, 5, 5, 1, 1, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}')"
        )
    engine.dispose()
    opened = open_store(database, upgrade=True)
    assert [row.pinned for row in read_sessions(opened, SessionFilter())] == [False]
    pin(opened, ["s"])
    assert [row.pinned for row in read_sessions(opened, SessionFilter())] == [True]
    with opened.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0004")
        left = connection.exec_driver_sql("SELECT id, status FROM sessions").all()
        indices = {index["name"] for index in inspect(connection).get_indexes("chunks")}
    opened.close()
    assert (left, indices) == ([("s", "error")], set())
    again = open_store(database, upgrade=True)
    assert [row.pinned for row in read_sessions(again, SessionFilter())] == [False]
    again.close()


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql", "postgresql+psycopg", "postgres"])
def test_a_server_is_named_with_its_driver_or_without(postgres: str, kind: str) -> None:
    opened = open_store(postgres.replace("postgresql", kind, 1), record=True)
    assert read_status(opened).sessions == 0
    assert opened.url.startswith("postgresql://")
    opened.close()


@pytest.mark.postgres
def test_a_machine_without_a_server_starts_its_own_for_the_tests() -> None:
    with own_server() as server, fresh_database(server) as url:
        opened = open_store(url, upgrade=True)
        rows = stored.put(opened, stored.batch())
        assert list(read_chunks(opened, rows.sessions[0].id)) == rows.chunks
        opened.close()


@pytest.mark.postgres
def test_a_line_that_died_is_not_waited_for_by_the_hour(postgres: str) -> None:
    """Unless the URL says otherwise."""
    link = "&" if "?" in postgres else "?"
    chosen = f"{postgres}{link}keepalives_idle=99&application_name=shop"
    for url, idle, name in ((postgres, "15", "rewind"), (chosen, "99", "shop")):
        opened = open_store(url, upgrade=True)
        with opened.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            said = driver.info.get_parameters()
            assert (said["keepalives_idle"], said["tcp_user_timeout"]) == (idle, "30000")
            assert connection.exec_driver_sql("SHOW application_name").scalar() == name
        opened.close()


def test_what_is_recorded_makes_a_database_and_upgrades_a_file_only(database: str) -> None:
    """A server's is others' as well: they may write to it with the older version."""
    open_store(database, record=True).close()
    with engine_at(database) as engine, engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0003")
    if database.startswith("sqlite"):
        open_store(database, record=True).close()
    else:
        with pytest.raises(OldDatabaseError, match="run `rewind db upgrade`"):
            open_store(database, record=True)
        open_store(database, upgrade=True).close()
    open_store(database).close()


def test_a_store_writes_no_more_where_another_version_has_come(database: str) -> None:
    """It was opened before; what it has in hand is refused, and what is stored stays."""
    opened = open_store(database, upgrade=True)
    stored.put(opened, stored.batch())
    for revision, refusal in (("9999", NewDatabaseError), ("0003", OldDatabaseError)):
        set_revision(database, revision)
        with pytest.raises(refusal):
            stored.put(opened, stored.batch())
        with pytest.raises(refusal):
            retain(opened, Bounds(max_sessions=0))
    set_revision(database, HEAD)
    assert read_status(opened).sessions == 1
    stored.put(opened, stored.batch())
    opened.close()


@pytest.mark.postgres
def test_an_upgrade_waits_for_those_who_write(postgres: str) -> None:
    """And they for it: nobody writes to tables that change."""
    opened = open_store(postgres, upgrade=True)
    with writing(opened) as connection, connection.begin():
        hurried = f"{postgres}{'&' if '?' in postgres else '?'}options=-clock_timeout%3D100"
        with pytest.raises(UnreachableDatabaseError, match="lock timeout"):
            open_store(hurried, upgrade=True)
    open_store(hurried, upgrade=True).close()
    opened.close()


def test_sessions_and_their_functions_survive_the_change_of_indexes_both_ways(
    database: str,
) -> None:
    opened = open_store(database, upgrade=True)
    rows = stored.put(opened, stored.batch(3))
    (child, *_) = rows.sessions
    chosen = SessionFilter(function="pay", search="PAY")

    def kept() -> tuple[list[Session], int, list[FunctionCalls], list[Outline]]:
        names = [each for row in rows.sessions for each in read_function_calls(opened, row.id)]
        chunks = [each for row in rows.sessions for each in read_outlines(opened, row.id)]
        return read_sessions(opened, chosen), count_sessions(opened, chosen), names, chunks

    before = kept()
    for _ in range(2):
        with opened.engine.begin() as connection:
            command.downgrade(alembic_config(connection), "0006")
            left = connection.exec_driver_sql("SELECT id FROM sessions").all()
        assert {row.id for row in left} == {row.id for row in before[0]}
        upgrade_schema(opened.engine)
        assert kept() == before
    assert len(before[0]) == 3
    stored.put(opened, replace(rows, sessions=[child._replace(status="error")]))
    assert [row.status for row in read_sessions(opened, chosen)].count("error") == 1
    opened.close()


@pytest.mark.parametrize("url", ["mysql://root@box/rewind", "rewind.db", ""])
def test_a_url_of_another_kind_is_a_setting_that_cannot_be(url: str) -> None:
    with pytest.raises(ConfigError, match="write sqlite:///FILE or postgresql://USER@HOST/NAME"):
        open_store(url, upgrade=False)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/rewind",
        "postgresql://me@127.0.0.1:1/rewind?password=hunter2",
    ],
)
def test_a_server_that_does_not_answer_is_named_without_the_password(url: str) -> None:
    with pytest.raises(UnreachableDatabaseError) as caught:
        open_store(url, upgrade=True)
    message = str(caught.value)
    assert message.startswith("postgresql://me")
    assert "127.0.0.1:1/rewind cannot be used" in message
    assert "hunter2" not in message
    assert "\n" not in message


def test_a_path_that_is_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used: Is a directory"):
        open_store(f"sqlite:///{tmp_path}", upgrade=True)


def test_two_processes_that_start_at_once_make_one_database(database: str) -> None:
    program = "import sys; from rewind.store import open_store\n"
    program += "open_store(sys.argv[1], upgrade=True).close()"
    command = [sys.executable, "-W", "error", "-c", program, database]
    both = [subprocess.Popen(command, env=os.environ) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    opened = open_store(database, upgrade=False)
    stored.put(opened, stored.batch())
    opened.close()


def test_a_file_of_this_version_is_known_without_opening_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/some/rewind.db"
    assert not is_current(url)
    open_store(url, upgrade=True).close()
    assert is_current(url)
    assert not is_current(f"{url}?timeout=1")
    assert not is_current(url.replace("sqlite://", "sqlite+pysqlite://"))
    assert not is_current("postgresql://user@host/name")
    pretend_revision(url, "0002")
    assert not is_current(url)


def test_a_file_that_is_no_database_of_ours_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_text("a diary")
    assert not is_current(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="cannot be used"):
        is_current(f"sqlite:///{tmp_path}")
