"""Writers on a Postgres server: many at once, with few rights, over lines that lose answers."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from itertools import product
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from rewind.errors import OldDatabaseError, StoreError
from rewind.sqlite_file import HEAD
from rewind.store import (
    Batch,
    Bounds,
    UnreachableDatabaseError,
    append,
    open_store,
    read_function_calls,
    read_reports,
    read_status,
    retain,
    schema,
)
from rewind.store.opening import _engine, _parsed
from rewind.store.server import MOST_CONNECTIONS
from rewind.store.upgrading import upgrade_schema
from tests import stored
from tests.databases import postgres, postgres_server
from tests.integration.dashboard import dashboard
from tests.integration.terminal import ROOT, environment, rewind
from tests.line import line_to
from tests.shop import Shop, shop
from tests.spooled import Spooled
from tests.written import events, events_of, eventually, living, opened, sessions, writing

__all__ = ["postgres", "postgres_server"]

pytestmark = pytest.mark.postgres

MANY = 20
PAGE = ROOT / "docs" / "postgres.md"


def grants() -> list[str]:
    """The statements with which the documentation gives a writer its rights."""
    return re.findall(r"^GRANT [^;]*;", PAGE.read_text(), re.MULTILINE)


def granted() -> Iterator[tuple[str, str]]:
    """Each right on each table that they give."""
    for statement in grants():
        rights, tables = re.fullmatch(
            r"GRANT (.*?)\s+ON (.*?)\s+TO rewind_writer;", statement, re.DOTALL
        ).groups()  # type: ignore[union-attr]
        yield from product(re.findall(r"\w+", rights), re.findall(r"\w+", tables))


@contextmanager
def role(database: str, *statements: str, **settings: str) -> Iterator[str]:
    """The URL of the database for a new role, which was granted what the statements say."""
    name = f"rewind_test_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN")
        for key, value in settings.items():
            owner.execute(f"ALTER ROLE {name} SET {key} = '{value}'")
        for statement in statements:
            owner.execute(statement.replace("rewind_writer", name))
        try:
            yield database.replace("//postgres", f"//{name}", 1)
        finally:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [name]
            )
            owner.execute(f"DROP OWNED BY {name}")
            owner.execute(f"DROP ROLE {name}")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with some thousands of events in several sessions."""
    path = tmp_path / "app.py"
    source = """
    import sys, threading

    def work(n):
        total = 0
        for i in range(n):
            total += i
        return total

    threads = [threading.Thread(target=work, args=(200,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(work(int(sys.argv[1])))
    """
    path.write_text(dedent(source))
    return path


def connections(database: str) -> list[int]:
    """How many connections each client program has to a database, but for the one that asks."""
    with psycopg.connect(database) as server:
        found = server.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'rewind'"
        )
        return [count for (count,) in found]


@pytest.mark.timeout(300)  # forty processes, on whatever cores there are
def test_twenty_processes_write_at_once(program: Path, postgres: str) -> None:
    """Each is recorded whole, over one connection for each writer."""
    open_store(postgres, upgrade=True).close()
    command = [sys.executable, "-m", "rewind", "run", "--database", postgres, program.name]
    most = 0
    with ExitStack() as running:
        programs = [
            running.enter_context(
                subprocess.Popen(
                    [*command, str(1000 + n)],
                    cwd=program.parent,
                    env=environment(program.parent, REWIND_SPOOL=f"spool-{n}"),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            for n in range(MANY)
        ]
        while any(one.poll() is None for one in programs):
            most = max(most, *connections(postgres))
        printed = [one.stdout.read() if one.stdout else "" for one in programs]
    assert printed == [f"{sum(range(1000 + n))}\n" for n in range(MANY)]
    rows = sessions(postgres)
    assert {row.status for row in rows} == {"completed"}
    assert len({row.recording_id for row in rows}) == MANY
    scripts = sorted(row.events for row in rows if row.kind == "script")
    per_round = (scripts[-1] - scripts[0]) // (MANY - 1)
    assert per_round > 0
    assert scripts == [scripts[0] + n * per_round for n in range(MANY)]
    assert len(rows) == MANY * 4
    for row in rows:
        assert len([one for one in events(postgres, row.id) if one[0] >= 0]) == row.events
    # Beside a writer's own, one for the look at the database before the program starts.
    assert 0 < most <= 2 * MANY


def test_a_batch_whose_answer_was_lost_is_stored_once(tmp_path: Path, postgres: str) -> None:
    """The server commits, the line goes down before it can say so, and the writer sends again."""
    open_store(postgres, upgrade=True).close()
    with living() as owner, line_to(postgres) as line:
        spooled = Spooled(tmp_path, launcher=owner.pid)
        process = spooled.process(owner.pid)
        process.report("module-skipped", "shop.gone", "no source", None)
        running = Shop(process)
        first, log = running.run(), spooled.path / "writer.log"
        # The first batch has a row for every table; what comes later changes some of them.
        line.lose_the_answer_to(b"NOTIFY", b"COMMIT")
        with writing(spooled.path, line.url) as writer:
            eventually(line.lost.is_set)
            assert events_of(postgres, first) == Shop.EVENTS
            eventually(lambda: "the database is back" in log.read_text())
            second = running.begin()
            line.lose_the_answer_to(b"NOTIFY", b"COMMIT")
            running.proceed()
            eventually(line.lost.is_set)
            third = running.run()
            process.goodbye()
            eventually(process.done.exists)
            assert log.read_text().count("the database is back") == 2
            owner.kill()
            owner.wait()
            assert writer.wait() == 0
    rows = sessions(postgres)
    assert {row.id for row in rows} == {first, second, third}
    expected = [record[2:] for record in events(postgres, first)]
    for row in rows:
        assert [record[2:] for record in events(postgres, row.id)] == expected
        with opened(postgres) as store:
            assert len(read_reports(store, row.recording_id)) == 1
            calls = {line.function: line.calls for line in read_function_calls(store, row.id)}
        assert calls == {"<module>": 1, "main": 1, "numbered": 1, "total": 2, "discount": 1}


def test_a_writer_holds_one_connection(tmp_path: Path, postgres: str) -> None:
    open_store(postgres, upgrade=True).close()
    with living() as owner:
        spooled = Spooled(tmp_path, launcher=owner.pid)
        running = Shop(spooled.process(owner.pid))
        with writing(spooled.path, postgres):
            session = running.run()
            eventually(lambda: events_of(postgres, session) == Shop.EVENTS)
            assert connections(postgres) == [1]


def test_a_recording_needs_no_more_rights_than_documented(
    tmp_path: Path, program: Path, postgres: str
) -> None:
    """By the statements of docs/postgres.md and no other; chunks are only inserted and read."""
    open_store(postgres, upgrade=True).close()
    with role(postgres, *grants()) as limited:
        done = rewind(
            program.parent, "run", "--database", limited, "--max-events=500", program.name, 2000
        )
        assert (done.returncode, done.stdout) == (0, f"{sum(range(2000))}\n")
        spooled, ids = shop(tmp_path / "spool", sessions=3, settings={"max_sessions": 1})
        with writing(spooled.path, limited) as writer:
            assert writer.wait() == 0
        with psycopg.connect(limited) as server:
            for table in (schema.chunks, schema.sessions):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    server.execute(f"DELETE FROM {table.name}")
                server.rollback()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.execute("UPDATE chunks SET size = 0")
    rows = {row.id: row for row in sessions(postgres)}
    assert {rows[each].events for each in ids} == {Shop.EVENTS}
    assert {row.status for row in rows.values()} == {"completed"}
    (script,) = (row for row in rows.values() if row.kind == "script" and row.id not in ids)
    assert script.first_event > 1
    # What neither writer could remove is left to whoever may.
    assert len(rows) == 7


def test_a_role_that_may_only_read_is_shown_everything(tmp_path: Path, postgres: str) -> None:
    spooled, ids = shop(tmp_path / "spool")
    with writing(spooled.path, postgres) as writer:
        assert writer.wait() == 0
    read_all = [f"GRANT SELECT ON {table} TO rewind_writer;" for table in {t for _, t in granted()}]
    with role(postgres, *read_all) as reader:
        with dashboard(reader) as ask:
            assert ask(f"/api/sessions/{ids[0]}/moment", n=5).status == HTTPStatus.OK
        assert ids[0] in rewind(tmp_path, "sessions", "--json", "--database", reader).stdout
        done = rewind(tmp_path, "db", "upgrade", "--database", reader)
        assert done.stdout.endswith("is up to date\n")
        with psycopg.connect(postgres) as server:
            server.execute("UPDATE alembic_version SET version_num = '0004'")
        done = rewind(tmp_path, "db", "upgrade", "--database", reader)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "permission denied" in done.stderr or "must be owner" in done.stderr


def test_each_right_of_the_documentation_is_needed(postgres: str) -> None:
    """Nothing is stored without any one of them."""
    open_store(postgres, upgrade=True).close()
    rights = list(granted())
    assert {table for _, table in rights} == {*schema.metadata.tables, "alembic_version"}
    with role(postgres, *grants()) as limited, psycopg.connect(postgres, autocommit=True) as owner:
        name = conninfo_to_dict(limited)["user"]
        store = open_store(limited)
        for right, table in rights:
            owner.execute(f"REVOKE {right} ON {table} FROM {name}")
            with pytest.raises(StoreError, match=f"permission denied for table {table}"):
                append(store, of_every_kind(), "zstd")
            owner.execute(f"GRANT {right} ON {table} TO {name}")
        append(store, of_every_kind(), "zstd")
        assert retain(store, Bounds(max_sessions=0)) == 0
        store.close()
    assert len(sessions(postgres)) == 2


def of_every_kind() -> Batch:
    """A batch of a process that ends, with a session that runs and one that is over."""
    rows = stored.ended(stored.batch(2))
    rows.sessions[0] = rows.sessions[0]._replace(status="running")
    rows.chunks[0] = rows.chunks[0]._replace(growing=True)
    return rows


@pytest.mark.parametrize("by", ["role", "url"])
def test_a_statement_timeout_is_waited_out(tmp_path: Path, postgres: str, by: str) -> None:
    """Somebody holds a table for longer than a statement may take: nothing hangs or is lost."""
    open_store(postgres, upgrade=True).close()
    by_url = f"{postgres}{'&' if '?' in postgres else '?'}options=-cstatement_timeout%3D150"
    with (
        role(postgres, *grants(), statement_timeout="150ms") as by_role,
        psycopg.connect(postgres) as other,
    ):
        other.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        spooled, ids = shop(tmp_path / "spool")
        with writing(spooled.path, by_role if by == "role" else by_url) as writer:
            log = spooled.path / "writer.log"
            eventually(lambda: log.exists() and "statement timeout" in log.read_text())
            assert writer.poll() is None
            other.rollback()
            assert writer.wait() == 0
    assert [row.id for row in sessions(postgres)] == ids
    assert len(events(postgres, ids[0])) == Shop.EVENTS


def test_old_sessions_that_cannot_go_now_keep_no_writer_waiting(
    tmp_path: Path, postgres: str
) -> None:
    """Somebody holds what retention is to remove, for longer than a statement may take."""
    before, (old,) = shop(tmp_path / "before")
    with writing(before.path, postgres) as writer:
        assert writer.wait() == 0
    impatient = f"{postgres}{'&' if '?' in postgres else '?'}options=-cstatement_timeout%3D150"
    spooled, (new,) = shop(tmp_path / "spool", settings={"max_sessions": 1})
    with psycopg.connect(postgres) as other:
        other.execute("SELECT FROM sessions WHERE id = %s FOR UPDATE", [old])
        with writing(spooled.path, impatient) as writer:
            assert writer.wait(60) == 0
    assert [row.id for row in sessions(postgres)] == [new, old]


def test_a_reader_is_told_of_a_statement_timeout(program: Path, postgres: str) -> None:
    open_store(postgres, upgrade=True).close()
    impatient = f"{postgres}{'&' if '?' in postgres else '?'}options=-cstatement_timeout%3D150"
    with psycopg.connect(postgres) as other:
        other.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        done = rewind(program.parent, "sessions", "--database", impatient)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be used: canceling statement due to statement timeout" in done.stderr
    assert done.stderr.count("\n") == 1


OLDER = """
import sys
import rewind.sqlite_file
rewind.sqlite_file.HEAD = "0004"
from rewind.writer.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def older_writer(folder: Path, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """A writer of a Rewind that knows no later schema than its own."""
    command = [sys.executable, "-c", OLDER, str(folder)]
    env = environment(folder.parent, REWIND_DATABASE=database)
    with subprocess.Popen(command, env=env, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def test_an_older_rewind_refuses_a_newer_database(tmp_path: Path, postgres: str) -> None:
    open_store(postgres, upgrade=True).close()
    spooled, _ = shop(tmp_path / "spool")
    with older_writer(spooled.path, postgres) as writer:
        assert writer.wait() == 1
    assert "was made by a newer Rewind" in (spooled.path / "writer.log").read_text()
    assert sessions(postgres) == []
    assert list(spooled.path.glob("*.seg"))


def test_an_older_database_waits_for_its_upgrade(
    tmp_path: Path, program: Path, postgres: str
) -> None:
    """Others may record into it with their older Rewind: only a person takes it from them."""
    engine = _engine(_parsed(postgres))
    upgrade_schema(engine, "0004")
    engine.dispose()
    done = rewind(program.parent, "run", "--database", postgres, program.name, 1)
    assert (done.returncode, done.stdout) == (2, "")
    assert "was made by an older Rewind; run `rewind db upgrade`" in done.stderr
    looked = rewind(program.parent, "doctor", REWIND_DATABASE=postgres)
    assert looked.returncode == 1
    assert "run `rewind db upgrade`" in looked.stdout
    spooled, ids = shop(tmp_path / "spool")
    with writing(spooled.path, postgres) as writer:
        assert writer.wait() == 1
    assert "rewind db upgrade" in (spooled.path / "writer.log").read_text()
    with pytest.raises(OldDatabaseError):
        open_store(postgres, record=True)
    assert rewind(program.parent, "db", "upgrade", "--database", postgres).returncode == 0
    with writing(spooled.path, postgres) as writer:
        assert writer.wait() == 0
    assert [row.id for row in sessions(postgres)] == ids


def test_a_writer_stops_where_the_database_is_upgraded_under_it(
    tmp_path: Path, postgres: str
) -> None:
    """What it has stored until then stays; the rest waits in the spool for the newer Rewind."""
    open_store(postgres, upgrade=True).close()
    with living() as owner:
        spooled = Spooled(tmp_path, launcher=owner.pid)
        running = Shop(spooled.process(owner.pid))
        with writing(spooled.path, postgres) as writer:
            first = running.run()
            eventually(lambda: events_of(postgres, first) == Shop.EVENTS)
            with psycopg.connect(postgres) as newer:
                newer.execute("UPDATE alembic_version SET version_num = '9999'")
            second = running.run()
            assert writer.wait() == 1
        assert "was made by a newer Rewind" in (spooled.path / "writer.log").read_text()
        with psycopg.connect(postgres) as server:
            stored = server.execute("SELECT id FROM sessions").fetchall()
            assert stored == [(first,)]
            version = sql.SQL("UPDATE alembic_version SET version_num = {}")
            server.execute(version.format(HEAD))
        with writing(spooled.path, postgres) as writer:
            eventually(lambda: events_of(postgres, second) == Shop.EVENTS)


def test_a_dashboard_has_no_more_connections_than_it_may(tmp_path: Path, postgres: str) -> None:
    """However many ask it at once; one more waits for news."""
    spooled, ids = shop(tmp_path / "spool", sessions=3)
    with writing(spooled.path, postgres) as writer:
        assert writer.wait() == 0
    most = [0]
    with dashboard(postgres) as ask, ThreadPoolExecutor(16) as visitors:

        def visit(n: int) -> int:
            most.extend(connections(postgres))
            return ask(f"/api/sessions/{ids[n % 3]}").status

        assert set(visitors.map(visit, range(200))) == {200}
    assert 1 < max(most) <= MOST_CONNECTIONS + 1


def test_a_thread_that_gets_no_connection_is_told(postgres: str) -> None:
    store = open_store(postgres, upgrade=True)
    store.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(MOST_CONNECTIONS):
            held.enter_context(store.engine.connect())
        with pytest.raises(UnreachableDatabaseError, match="all 5 connections are busy"):
            read_status(store)
    assert read_status(store).sessions == 0
    store.close()
