"""A database that is away, or that must not be written to: the spool keeps everything."""

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rewind.errors import StoreError
from rewind.store import Session, SessionFilter, open_store, read_sessions
from rewind.writer import WriterSettings, run
from tests.databases import postgres, postgres_server
from tests.shop import Shop, shop
from tests.spooled import Spooled, dead_process
from tests.written import events, eventually, living, sessions, writing

__all__ = ["postgres", "postgres_server"]


class Line:
    """A connection to a server that can be cut and mended: a forwarder of bytes on a port."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        self._hang_up(source)
        self._hang_up(sink)

    def _hang_up(self, end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._hang_up(self._listener)
        for end in self._open:
            self._hang_up(end)
        self._open = []

    def mend(self) -> None:
        """Take connections again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._accept()


@pytest.fixture
def line(postgres: str) -> Iterator[Line]:
    """The line to the Postgres server."""
    address = urlsplit(postgres)
    wire = Line(address.hostname or "127.0.0.1", address.port or 5432)
    yield wire
    wire.cut()


def through(line: Line, database: str) -> str:
    """The URL of a database at the other end of the line."""
    address = urlsplit(database)
    user = f"{address.username}@" if address.username else ""
    return address._replace(netloc=f"{user}127.0.0.1:{line.port}").geturl()


@pytest.mark.postgres
def test_an_outage_loses_nothing(tmp_path: Path, postgres: str, line: Line) -> None:
    """The database goes away in the middle of a recording and comes back: the session is whole."""
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid)
        process = spooled.process(program.pid)
        running = Shop(process)
        with writing(spooled.path, through(line, postgres)) as writer:
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
    with writing(spooled.path, through(line, postgres)) as writer:
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
