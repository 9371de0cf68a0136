import hashlib
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command

from rewind.errors import (
    ConfigError,
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    StoreError,
)
from rewind.store import UnreachableDatabaseError, open_store, read_modules, read_status
from rewind.store.opening import _engine, _parsed
from rewind.store.schema import APPLICATION_ID
from rewind.store.upgrading import alembic_config, upgrade_schema
from tests import stored


def state(folder: Path) -> dict[str, tuple[int, str]]:
    """What a folder holds: each file's time of change and content."""
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.iterdir()
    }


def at_revision(url: str, revision: str) -> None:
    """Make a database of ours as it was at a revision."""
    engine = _engine(_parsed(url))
    upgrade_schema(engine, revision)
    engine.dispose()


def pretend_revision(url: str, revision: str) -> None:
    """Make a database of ours that a later version of Rewind has upgraded."""
    open_store(url, upgrade=True).close()
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
