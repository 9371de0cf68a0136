import pytest

from rewind.errors import StoreError
from rewind.store import (
    Batch,
    SessionFilter,
    Store,
    append,
    count_sessions,
    read_chunk,
    read_function_calls,
    read_outlines,
    read_positions,
    read_reports,
    read_session,
    read_source,
    read_status,
)
from tests import stored


def test_a_batch_sent_twice_is_there_once(store: Store) -> None:
    """A commit whose answer was lost is sent again."""
    rows = stored.batch(2)
    stored.put(store, rows)
    stored.put(store, rows)
    assert count_sessions(store, SessionFilter()) == 2
    assert len(read_outlines(store, rows.sessions[0].id)) == 1
    assert read_function_calls(store, rows.sessions[0].id) == [rows.functions[0]]
    assert read_reports(store, rows.recordings[0].id) == rows.reports


def test_an_open_chunk_grows(store: Store) -> None:
    rows = stored.put(store, stored.batch())
    longer = stored.chunk(rows.sessions[0], 1, 7)
    grown = rows.sessions[0]._replace(events=7)
    append(store, Batch(sessions=[grown], chunks=[longer]), "none")
    assert read_chunk(store, grown.id, 7) == longer
    assert read_session(store, grown.id).events == 7


def test_chunks_before_a_sessions_first_event_go(store: Store) -> None:
    rows = stored.batch()
    row = rows.sessions[0]
    rows.chunks = [stored.chunk(row, first, first + 9) for first in (1, 11, 21)]
    stored.put(store, rows)
    stored.put(store, Batch(sessions=[row._replace(events=30, first_event=21)]))
    assert [outline.first for outline in read_outlines(store, row.id)] == [21]
    assert read_session(store, row.id).first_event == 21


def test_stream_positions_go_with_their_process(store: Store) -> None:
    rows = stored.put(store, stored.batch())
    stored.put(store, stored.ended(rows))
    assert read_positions(store, rows.processes[0].id) == []


def test_a_batch_that_cannot_be_stored_leaves_nothing(store: Store) -> None:
    rows = stored.batch()
    rows.chunks = [stored.chunk(rows.sessions[0]._replace(id="nobody"))]
    with pytest.raises(StoreError):
        stored.put(store, rows)
    assert read_status(store).sessions == 0
    assert read_source(store, stored.HASH) is None


def test_an_empty_batch_says_so() -> None:
    assert not Batch()
    assert stored.batch()
