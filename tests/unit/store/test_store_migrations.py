"""Every migration, up and down, on both databases and with rows in every table."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, func, insert, select

from rewind.store import (
    Batch,
    Session,
    Store,
    open_store,
    read_chunks,
    read_function_calls,
    read_modules,
    read_positions,
    read_process,
    read_recording,
    read_reports,
    read_session,
    read_source,
    schema,
)
from rewind.store.opening import _engine, _parsed
from rewind.store.upgrading import alembic_config, scripts_folder, upgrade_schema
from tests import stored

REVISIONS = sorted(path.stem[:4] for path in (scripts_folder() / "versions").glob("0*.py"))
TWO_VERSIONS_OLD = REVISIONS[-3]
TABLES_SINCE = {"reports": "0002", "streams": "0002", "open_chunks": "0006"}


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = _engine(_parsed(url))
    yield engine
    engine.dispose()


def of_every_table() -> Batch:
    """A recording with a session that is over, and one that runs in its second chunk."""
    rows = stored.batch(2)
    running = rows.sessions[1]
    rows.sessions[1] = running = running._replace(status="running", events=5)
    rows.chunks.append(stored.chunk(running, 3, 5)._replace(growing=True))
    return rows


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[tuple[Store, Batch]]:
    """A database of this version with rows in every table."""
    store = open_store(f"sqlite:///{tmp_path}/newest.db", upgrade=True)
    yield store, stored.put(store, of_every_table())
    store.close()


def make_old(url: str, revision: str, source: Engine) -> None:
    """Make a database by the migrations up to a revision, and bring it all rows that it can have.

    What `open_chunks` holds rested in `chunks` before there was that table.
    """
    with engine_of(url) as engine:
        upgrade_schema(engine, revision)
        there, here = MetaData(), MetaData()
        there.reflect(source)
        here.reflect(engine, only=tables_at(revision))
        with source.connect() as reader, engine.begin() as writer:
            for table in here.sorted_tables:
                origins = [table.name]
                if table.name == "chunks" and revision < "0006":
                    origins.append("open_chunks")
                for origin in origins:
                    columns = [there.tables[origin].c[column.name] for column in table.columns]
                    for row in reader.execute(select(*columns)).mappings():
                        writer.execute(insert(table).values(**row))


def tables_at(revision: str) -> list[str]:
    names = schema.metadata.tables
    return [name for name in names if TABLES_SINCE.get(name, "0001") <= revision]


def counts(engine: Engine, names: list[str]) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(schema.metadata.tables[name]))
            or 0
            for name in names
        }


def check_whole(store: Store, rows: Batch, revision: str) -> None:
    """See that a database holds what was put into it when it was at that revision, and works."""
    (recording,), (process,) = rows.recordings, rows.processes
    assert read_recording(store, recording.id) == recording
    assert read_process(store, process.id) == process
    assert read_modules(store, process.id) == rows.modules
    assert read_source(store, stored.HASH) == stored.SOURCE
    for session in rows.sessions:
        assert plain(read_session(store, session.id)) == session
        mine = [chunk for chunk in rows.chunks if chunk.session_id == session.id]
        kept = [chunk._replace(growing=False) for chunk in read_chunks(store, session.id)]
        assert kept == [chunk._replace(growing=False) for chunk in mine]
        assert read_function_calls(store, session.id) == [
            one for one in rows.functions if one.session_id == session.id
        ]
    if revision >= "0002":
        assert read_reports(store, recording.id) == rows.reports
        assert read_positions(store, process.id) == rows.positions
    stored.put(store, stored.batch())


def plain(session: Session) -> Session:
    """Return a session as a writer hands it over, without what readers are told beside."""
    unsaid = Session._field_defaults
    beside = Session._fields[len(schema.sessions.columns) :]
    return session._replace(**{name: unsaid[name] for name in beside})


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_any_age_is_upgraded_with_what_it_holds(
    database: str, revision: str, newest: tuple[Store, Batch]
) -> None:
    source, rows = newest
    make_old(database, revision, source.engine)
    store = open_store(database, upgrade=True)
    check_whole(store, rows, revision)
    store.close()


def test_a_database_two_versions_old_opens_after_the_command(
    database: str, newest: tuple[Store, Batch], tmp_path: Path
) -> None:
    source, rows = newest
    make_old(database, TWO_VERSIONS_OLD, source.engine)
    upgrade = [sys.executable, "-m", "rewind", "db", "upgrade", "--database", database]
    done = subprocess.run(upgrade, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("is up to date\n")
    store = open_store(database)
    check_whole(store, rows, TWO_VERSIONS_OLD)
    store.close()


def test_a_new_file_is_made_as_the_migrations_would_make_it(tmp_path: Path) -> None:
    """All of it that SQLite keeps as text, the version, and what says that it is ours."""
    made, migrated = (f"sqlite:///{tmp_path}/{name}.db" for name in ("made", "migrated"))
    open_store(made, upgrade=True).close()
    with engine_of(migrated) as engine:
        upgrade_schema(engine)
    found = []
    for url in (made, migrated):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
            tables = {(*row[:3], _plain(row[3])) for row in connection.execute(sql)}
            asked = ("PRAGMA application_id", "SELECT * FROM alembic_version")
            found.append((tables, [connection.execute(each).fetchall() for each in asked]))
    assert found[0] == found[1]
    assert len(found[0][0]) > 30


def _plain(sql: str) -> str:
    """Leave out the spaces and quotes that say nothing."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.replace('"', "").split()))


@pytest.mark.parametrize("revision", [*REVISIONS[:-1], "base"])
def test_every_migration_goes_down_and_up_again_with_what_is_there(
    database: str, revision: str
) -> None:
    store = open_store(database, upgrade=True)
    rows = stored.put(store, of_every_table())
    engine = store.engine
    before = counts(engine, tables_at("0001"))
    if revision == "base" or revision < "0006":
        before["chunks"] += counts(engine, ["open_chunks"])["open_chunks"]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), revision)
    if revision != "base":
        assert counts(engine, tables_at("0001")) == before
    upgrade_schema(engine)
    with engine.begin() as connection:
        command.check(alembic_config(connection))
    if revision != "base":
        check_whole(store, rows, revision)
    assert counts(engine, ["sessions"]) == {"sessions": 0 if revision == "base" else 3}
    store.close()


def test_a_session_that_ran_while_the_database_was_upgraded_goes_on(
    database: str, newest: tuple[Store, Batch]
) -> None:
    """Its last chunk stays what it is, as full ones do; what comes next is added to another."""
    source, rows = newest
    make_old(database, "0004", source.engine)
    store = open_store(database, upgrade=True)
    running = rows.sessions[1]._replace(events=7)
    further = stored.chunk(running, 6, 7)._replace(growing=True)
    stored.put(store, Batch(sessions=[running], chunks=[further]))
    assert [chunk.growing for chunk in read_chunks(store, running.id)] == [False, False, True]
    assert [chunk.last for chunk in read_chunks(store, running.id)] == [2, 5, 7]
    store.close()
