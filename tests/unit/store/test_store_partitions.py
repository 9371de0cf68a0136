"""Chunks on Postgres rest by the day on which their session began, and days go as a whole."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from uuid import uuid4

import psycopg
import pytest

from rewind.store import (
    Bounds,
    SessionFilter,
    Store,
    open_store,
    read_outlines,
    read_sessions,
    retain,
)
from rewind.store.partitions import drop_whole_days
from tests import stored

pytestmark = pytest.mark.postgres

DAY_NS = 86_400_000_000_000


@pytest.fixture
def store(postgres: str) -> Iterator[Store]:
    opened = open_store(postgres, upgrade=True)
    yield opened
    opened.close()


def today() -> date:
    return datetime.now(UTC).date()


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def put_on(store: Store, day: date, count: int = 1, hour: int = 12) -> list[str]:
    """Store sessions that began on a day; returns their ids."""
    rows = stored.ended(stored.batch(count))
    begun = (day - date(1970, 1, 1)).days * DAY_NS + hour * DAY_NS // 24
    for n, session in enumerate(rows.sessions):
        start_ns = begun + n * 1_000_000
        name = f"{start_ns // 1_000_000:012x}{uuid4().hex[:20]}"
        rows.sessions[n] = session._replace(id=name, start_ns=start_ns)
        rows.functions[n] = rows.functions[n]._replace(session_id=name)
        rows.chunks[n] = rows.chunks[n]._replace(session_id=name)
    stored.put(store, rows)
    return [session.id for session in rows.sessions]


def places(url: str) -> dict[str, int]:
    """How many chunks each table holds that is a partition."""
    with psycopg.connect(url) as server:
        found = server.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid"
            " WHERE inhparent = 'chunks'::regclass"
        ).fetchall()
        counts = {}
        for (name,) in found:
            row = server.execute(f"SELECT count(*) FROM {name}").fetchone()
            assert row is not None
            counts[name] = row[0]
        return counts


def filled(url: str) -> dict[str, int]:
    return {name: count for name, count in places(url).items() if count}


@contextmanager
def deletions_counted(url: str) -> Iterator[Callable[[], int]]:
    """How many rows of chunks are deleted one by one."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE TABLE deletions (session_id text)")
        server.execute(
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO deletions VALUES (OLD.session_id); RETURN NULL; END $$"
        )
        server.execute(
            "CREATE TRIGGER noting AFTER DELETE ON chunks FOR EACH ROW EXECUTE FUNCTION note()"
        )

        def counted() -> int:
            row = server.execute("SELECT count(*) FROM deletions").fetchone()
            assert row is not None
            return int(row[0])

        yield counted


def name_of(day: date) -> str:
    return f"chunks_{day:%Y%m%d}"


def forget_days(url: str) -> None:
    """Let the database be as nobody has looked after it for long."""
    with psycopg.connect(url) as server:
        for name in places(url):
            if name != "chunks_rest":
                server.execute(f"DROP TABLE {name}")


@pytest.mark.usefixtures("store")
def test_a_database_has_partitions_for_a_fortnight(postgres: str) -> None:
    days = [name_of(today() + timedelta(days=n)) for n in range(15)]
    assert sorted(places(postgres)) == [*days, "chunks_rest"]


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_chunk_rests_on_the_day_its_session_began(store: Store, postgres: str, hour: int) -> None:
    (name,) = put_on(store, today(), hour=hour)
    assert filled(postgres) == {name_of(today()): 1}
    assert len(read_outlines(store, name)) == 1


def test_a_writer_makes_the_days_to_come(store: Store, postgres: str) -> None:
    """One look is enough until they run out."""
    forget_days(postgres)
    put_on(store, today())
    assert filled(postgres) == {name_of(today()): 1}
    assert len(places(postgres)) == 16
    assert store.partitioned_until > f"{(ago(-6) - date(1970, 1, 1)).days * 86_400_000:012x}"


def test_many_writers_make_the_days_to_come_once(store: Store, postgres: str) -> None:
    forget_days(postgres)
    writers = [open_store(postgres) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        ids = [*chain(*threads.map(lambda writer: put_on(writer, today(), 3), writers))]
    for writer in writers:
        writer.close()
    assert filled(postgres) == {name_of(today()): 24}
    assert all(len(read_outlines(store, name)) == 1 for name in ids)


def test_what_has_no_day_rests_aside_until_the_upgrade(store: Store, postgres: str) -> None:
    """A spool that was drained late, an id of another kind: nothing is lost or refused."""
    late = [put_on(store, ago(days), 2) for days in (3, 90)]
    rows = stored.batch()
    strange = rows.sessions[0]._replace(id="f" * 32)
    rows.sessions, rows.functions = [strange], []
    rows.chunks = [rows.chunks[0]._replace(session_id=strange.id)]
    stored.put(store, rows)
    assert filled(postgres) == {"chunks_rest": 5}
    open_store(postgres, upgrade=True).close()
    assert filled(postgres) == {
        name_of(ago(3)): 2,
        name_of(ago(90)): 2,
        "chunks_rest": 1,
    }
    for name in (*chain(*late), strange.id):
        assert len(read_outlines(store, name)) == 1


def test_days_that_are_over_go_as_a_whole(store: Store, postgres: str) -> None:
    """The rest goes row by row, and where nothing ever was no table is left."""
    old, older, new = put_on(store, ago(5), 3), put_on(store, ago(9), 2), put_on(store, ago(2), 4)
    put_on(store, ago(7))
    open_store(postgres, upgrade=True).close()
    with deletions_counted(postgres) as deleted:
        assert retain(store, Bounds(max_sessions=3)) == 7
        assert deleted() == 1
    assert filled(postgres) == {name_of(ago(2)): 3}
    assert not {name_of(ago(days)) for days in (5, 7, 9)} & places(postgres).keys()
    assert [row.id for row in read_sessions(store, SessionFilter())] == new[:0:-1]
    assert all(read_outlines(store, name) == [] for name in (*old, *older, new[0]))
    for name in new[1:]:
        assert len(read_outlines(store, name)) == 1
    assert name_of(today()) in places(postgres)


def test_a_day_of_a_session_that_runs_stays(store: Store, postgres: str) -> None:
    one, other = put_on(store, ago(5), 2)
    open_store(postgres, upgrade=True).close()
    with psycopg.connect(postgres) as server:
        server.execute("UPDATE sessions SET status = 'running' WHERE id = %s", [one])
    assert retain(store, Bounds(max_sessions=0)) == 1
    assert filled(postgres) == {name_of(ago(5)): 1}
    assert read_outlines(store, other) == []


@pytest.mark.parametrize("change", ["status = 'running'", "pinned = true"])
def test_a_day_of_a_session_that_may_not_go_any_more_stays(
    store: Store, postgres: str, change: str
) -> None:
    """What was chosen to go may have changed until it goes."""
    ids = put_on(store, ago(5), 2)
    open_store(postgres, upgrade=True).close()
    with psycopg.connect(postgres) as server:
        server.execute(f"UPDATE sessions SET {change} WHERE id = %s", [ids[0]])
    drop_whole_days(store, ids)
    assert filled(postgres) == {name_of(ago(5)): 2}


def test_days_of_another_versions_database_are_left_alone(store: Store, postgres: str) -> None:
    ids = put_on(store, ago(5))
    open_store(postgres, upgrade=True).close()
    with psycopg.connect(postgres) as server:
        server.execute("UPDATE alembic_version SET version_num = '9999'")
    drop_whole_days(store, ids)
    assert filled(postgres) == {name_of(ago(5)): 1}


def test_retention_does_not_wait_for_those_who_read(store: Store, postgres: str) -> None:
    """Then the rows go, and the table the next time."""
    (name,) = put_on(store, ago(5))
    open_store(postgres, upgrade=True).close()
    with psycopg.connect(postgres) as reader:
        reader.execute("SELECT count(*) FROM chunks")
        assert retain(store, Bounds(max_sessions=0)) == 1
        assert read_outlines(store, name) == []
        assert name_of(ago(5)) in places(postgres)
    put_on(store, today())
    assert retain(store, Bounds(max_sessions=0)) == 1
    assert name_of(ago(5)) not in places(postgres)
