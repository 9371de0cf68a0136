from sqlalchemy import func, select

from rewind.store import (
    Batch,
    SessionFilter,
    Store,
    open_store,
    read_outlines,
    read_recording,
    read_sessions,
    read_source,
    retain,
    schema,
)
from tests import stored


def rows_left(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in schema.metadata.sorted_tables
        }


def test_the_oldest_sessions_go_with_what_they_hold(store: Store) -> None:
    rows = stored.put(store, stored.batch(5))
    assert retain(store, 2) == 3
    kept = [row.id for row in read_sessions(store, SessionFilter())]
    assert kept == [rows.sessions[4].id, rows.sessions[3].id]
    assert read_outlines(store, rows.sessions[0].id) == []
    assert rows_left(store)["session_functions"] == 2


def test_nothing_goes_below_the_bound(store: Store) -> None:
    stored.put(store, stored.batch(2))
    before = rows_left(store)
    assert retain(store, 2) == 0
    assert rows_left(store) == before


def test_a_running_session_stays_however_old_it_is(store: Store) -> None:
    rows = stored.batch(3)
    rows.sessions[0] = rows.sessions[0]._replace(status="running")
    stored.put(store, rows)
    assert retain(store, 1) == 2
    assert [row.id for row in read_sessions(store, SessionFilter())] == [rows.sessions[0].id]
    assert retain(store, 0) == 0


def test_a_recording_that_nobody_refers_to_goes_whole(store: Store) -> None:
    old = stored.put(store, stored.ended(stored.batch(1)))
    new = stored.batch(1)
    new.sessions = [new.sessions[0]._replace(start_ns=9_000)]
    stored.put(store, stored.ended(new))
    assert retain(store, 1) == 1
    assert read_recording(store, old.recordings[0].id) is None
    assert read_recording(store, new.recordings[0].id) == new.recordings[0]
    assert read_source(store, stored.HASH) == stored.SOURCE
    assert retain(store, 0) == 1
    assert set(rows_left(store).values()) == {0}


def test_a_recording_that_still_records_stays(store: Store) -> None:
    rows = stored.put(store, stored.batch(1))
    assert retain(store, 0) == 1
    assert read_recording(store, rows.recordings[0].id) == rows.recordings[0]
    assert read_source(store, stored.HASH) == stored.SOURCE


def test_more_sessions_go_than_one_statement_takes(store: Store) -> None:
    rows = stored.batch(1201)
    rows.functions, rows.chunks = [], []
    stored.put(store, rows)
    assert retain(store, 100) == 1101
    assert rows_left(store)["sessions"] == 100


def test_what_was_removed_may_be_written_to_by_its_session_again(
    store: Store, database: str
) -> None:
    """Retention by one writer and a flush by another can meet."""
    rows = stored.put(store, stored.batch(1))
    other = open_store(database, upgrade=True)
    retain(other, 0)
    other.close()
    stored.put(store, Batch(sessions=rows.sessions, chunks=rows.chunks))
    assert [row.id for row in read_sessions(store, SessionFilter())] == [rows.sessions[0].id]
