"""A database that is away, or that must not be written to: the spool keeps everything."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewind.errors import StoreError
from rewind.store import Session, SessionFilter, open_store, read_sessions
from rewind.writer import WriterSettings, run
from tests.databases import postgres, postgres_server
from tests.line import Line, line_to
from tests.shop import Shop, shop
from tests.spooled import Spooled, dead_process
from tests.written import events, eventually, living, sessions, writing

__all__ = ["postgres", "postgres_server"]


@pytest.fixture
def line(postgres: str) -> Iterator[Line]:
    """The line to the Postgres server."""
    with line_to(postgres) as wire:
        yield wire


@pytest.mark.postgres
def test_an_outage_loses_nothing(tmp_path: Path, postgres: str, line: Line) -> None:
    """The database goes away in the middle of a recording and comes back: the session is whole."""
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid)
        process = spooled.process(program.pid)
        running = Shop(process)
        with writing(spooled.path, line.url) as writer:
            first = running.run()
            eventually(lambda: [row.id for row in known(postgres)] == [first])
            second = running.begin(20)
            line.cut()
            running.proceed()
            third = running.run()
            log = spooled.path / "writer.log"
            eventually(lambda: log.exists() and "waiting for the database" in log.read_text())
            assert writer.poll() is None
            process.goodbye()
            line.mend()
            eventually(process.done.exists)
            assert "the database is back" in log.read_text()
            program.kill()
            program.wait()
            assert writer.wait() == 0
    assert not spooled.path.exists()
    assert {row.id for row in sessions(postgres)} == {first, second, third}
    whole = [record[2:] for record in events(postgres, first)]
    assert len(whole) == Shop.EVENTS
    for session in (second, third):
        assert [record[2:] for record in events(postgres, session)] == whole


@pytest.mark.postgres
def test_a_connection_that_breaks_within_a_batch_loses_and_doubles_nothing(
    tmp_path: Path, postgres: str, line: Line
) -> None:
    """Wherever in what goes to the server it breaks: each time after some more bytes."""
    open_store(postgres, upgrade=True).close()
    spooled, ids = shop(tmp_path / "spool", sessions=40, segment_size=2500)
    with writing(spooled.path, line.url) as writer:
        for allowed in range(1000, 40_000, 3000):
            before = line.cuts
            line.left = allowed
            eventually(lambda: line.cuts > before or writer.poll() is not None)  # noqa: B023
        line.left = -1
        assert writer.wait() == 0
    assert line.cuts > 4
    assert [row.id for row in sessions(postgres)] == ids[::-1]
    whole = [record[2:] for record in events(postgres, ids[0])]
    assert len(whole) == Shop.EVENTS
    for session in ids:
        assert [record[2:] for record in events(postgres, session)] == whole


@pytest.mark.postgres
def test_a_slow_database_is_waited_for(tmp_path: Path, postgres: str, line: Line) -> None:
    open_store(postgres, upgrade=True).close()
    line.pause = 0.05
    spooled, ids = shop(tmp_path / "spool", sessions=3)
    with writing(spooled.path, line.url) as writer:
        assert writer.wait() == 0
    assert [row.id for row in sessions(postgres)] == ids[::-1]
    assert {row.events for row in sessions(postgres)} == {Shop.EVENTS}


def known(database: str) -> list[Session]:
    """The sessions that are stored; none as long as there is no schema."""
    try:
        return sessions(database)
    except StoreError:
        return []


@pytest.mark.postgres
def test_a_recording_may_begin_while_the_database_is_away(
    tmp_path: Path, postgres: str, line: Line
) -> None:
    line.cut()
    spooled, ids = shop(tmp_path)
    with writing(spooled.path, line.url) as writer:
        log = spooled.path / "writer.log"
        eventually(lambda: log.exists() and "waiting for the database" in log.read_text())
        line.mend()
        assert writer.wait() == 0
    assert [row.id for row in sessions(postgres)] == ids


def test_a_database_that_another_program_locks_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "rewind.db"
    url = f"sqlite:///{path}"
    open_store(url, upgrade=True).close()
    spooled, ids = shop(tmp_path / "spool")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with writing(spooled.path, url) as writer:
        eventually((spooled.path / "writer.lock").exists)
        assert list(spooled.path.glob("*.seg"))
        other.execute("COMMIT")
        other.close()
        assert writer.wait() == 0
    assert [row.id for row in sessions(url)] == ids


def test_a_database_that_never_comes_back_leaves_the_spool(tmp_path: Path) -> None:
    """Once nobody records any more, patience has an end; a later writer stores it all."""
    spooled = Spooled(tmp_path / "spool", launcher=dead_process())
    process = spooled.process()
    session = Shop(process).run()
    process.goodbye()
    away = "postgresql://me:hunter2@127.0.0.1:1/rewind"
    assert run(spooled.path, WriterSettings(away, patience=0.2)) == 1
    log = (spooled.path / "writer.log").read_text()
    assert "the recording stays in the spool: postgresql://me:***@127.0.0.1:1/rewind" in log
    assert "hunter2" not in log + process.done.read_text()
    later = f"sqlite:///{tmp_path}/rewind.db"
    assert run(spooled.path, WriterSettings(later)) == 0
    assert [row.id for row in sessions(later)] == [session]


def test_a_program_that_still_runs_is_reason_to_wait(tmp_path: Path) -> None:
    spooled = Spooled(tmp_path)
    Shop(spooled.process()).run()
    away = "postgresql://me@127.0.0.1:1/rewind"
    with writing(spooled.path, away) as writer:
        eventually(lambda: "waiting" in text_of(spooled.path / "writer.log"))
        assert writer.poll() is None
        writer.terminate()
        assert writer.wait() == 1
    assert list(spooled.path.glob("*.seg"))


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_somebody_elses_database_is_left_alone_and_the_program_told(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE accounts (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    spooled = Spooled(tmp_path / "spool", launcher=dead_process())
    process = spooled.process()
    Shop(process).run()
    process.goodbye()
    with writing(spooled.path, f"sqlite:///{path}") as writer:
        assert writer.wait() == 1
    assert path.read_bytes() == before
    (why,) = json.loads(process.done.read_bytes()).values()
    assert (
        why == f"sqlite:///{path} holds something that Rewind did not make; name another database"
    )
    assert len((spooled.path / "writer.log").read_text().splitlines()) == 1
    assert list(spooled.path.glob("*.seg"))


def test_a_newer_database_is_left_alone_and_the_program_told(tmp_path: Path) -> None:
    path = tmp_path / "rewind.db"
    url = f"sqlite:///{path}"
    open_store(url, upgrade=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    spooled, _ = shop(tmp_path / "spool")
    assert run(spooled.path, WriterSettings(url)) == 1
    (done,) = spooled.path.glob("*.done")
    assert "newer Rewind" in json.loads(done.read_bytes())["error"]


def test_an_older_database_is_upgraded_and_written_to(tmp_path: Path) -> None:
    from rewind.store.opening import _engine, _parsed
    from rewind.store.upgrading import upgrade_schema

    url = f"sqlite:///{tmp_path}/rewind.db"
    engine = _engine(_parsed(url))
    upgrade_schema(engine, "0001")
    engine.dispose()
    spooled, ids = shop(tmp_path / "spool")
    assert run(spooled.path, WriterSettings(url)) == 0
    store = open_store(url, upgrade=False)
    assert [row.id for row in read_sessions(store, SessionFilter())] == ids
    store.close()


def test_a_setting_that_cannot_be_is_told(tmp_path: Path) -> None:
    spooled, _ = shop(tmp_path / "spool", settings={"compression": "rar"})
    with writing(spooled.path, f"sqlite:///{tmp_path}/rewind.db") as writer:
        assert writer.wait() == 2
    assert list(spooled.path.glob("*.seg"))
