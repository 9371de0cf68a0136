from dataclasses import replace

import pytest

from rewind.errors import StoreError
from rewind.store import (
    Batch,
    SessionFilter,
    Store,
    append,
    count_sessions,
    pin,
    read_chunks,
    read_function_calls,
    read_outlines,
    read_positions,
    read_reports,
    read_session,
    read_sessions,
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


def test_an_open_chunk_grows_until_it_is_full(store: Store) -> None:
    """Readers see the latest of it, once; what is full stays as it is."""
    rows = stored.batch()
    running = rows.sessions[0]._replace(status="running")
    open_chunk = stored.chunk(running)._replace(growing=True)
    stored.put(store, replace(rows, sessions=[running], chunks=[open_chunk]))
    longer = stored.chunk(running, 1, 7)
    grown = running._replace(events=7)
    calls = rows.functions[0]._replace(calls=3)
    more = Batch(sessions=[grown], chunks=[longer._replace(growing=True)], functions=[calls])
    append(store, more, "none")
    assert read_function_calls(store, grown.id) == [calls]
    assert list(read_chunks(store, grown.id)) == [longer._replace(growing=True)]
    next_one = stored.chunk(running, 8, 9)._replace(growing=True)
    append(store, Batch(sessions=[grown._replace(events=9)], chunks=[longer, next_one]), "none")
    assert list(read_chunks(store, grown.id)) == [longer, next_one]
    assert read_session(store, grown.id).events == 9
    last = next_one._replace(growing=False)
    ended = grown._replace(events=9, status="completed")
    append(store, Batch(sessions=[ended], chunks=[last]), "none")
    assert list(read_chunks(store, grown.id)) == [longer, last]
    assert [outline.first for outline in read_outlines(store, grown.id)] == [1, 8]


def test_chunks_are_stored_the_same_on_however_many_cores(store: Store) -> None:
    rows = stored.put(store, replace(stored.batch(), chunks=[]))
    session = rows.sessions[0]._replace(events=200)
    chunks = [stored.chunk(session, first, first + 4) for first in range(1, 200, 5)]
    append(store, Batch(sessions=[session], chunks=chunks), "zstd", cores=3)
    assert list(read_chunks(store, session.id, 1, 200)) == chunks


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


def test_what_is_discarded_goes_but_for_what_is_pinned(store: Store) -> None:
    rows = stored.put(store, stored.batch(3))
    dull, pinned, other = (session.id for session in rows.sessions)
    pin(store, [pinned])
    append(store, Batch(discarded=[dull, pinned]), "none")
    assert {one.id for one in read_sessions(store, SessionFilter())} == {pinned, other}
    assert read_outlines(store, dull) == []
    assert read_function_calls(store, dull) == []
    assert len(read_outlines(store, pinned)) == 1
