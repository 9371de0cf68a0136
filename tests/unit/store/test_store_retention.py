from time import time_ns

import pytest
from sqlalchemy import func, select

from rewind.store import (
    Batch,
    Bounds,
    SessionFilter,
    Store,
    doomed,
    open_store,
    pin,
    read_outlines,
    read_recording,
    read_sessions,
    read_source,
    remove,
    retain,
    schema,
)
from tests import stored

DAY_NS = 86_400 * 1_000_000_000


def rows_left(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in schema.metadata.sorted_tables
        }


def test_the_oldest_sessions_go_with_what_they_hold(store: Store) -> None:
    rows = stored.put(store, stored.batch(5))
    assert retain(store, Bounds(max_sessions=2)) == 3
    kept = [row.id for row in read_sessions(store, SessionFilter())]
    assert kept == [rows.sessions[4].id, rows.sessions[3].id]
    assert read_outlines(store, rows.sessions[0].id) == []
    assert rows_left(store)["session_functions"] == 2


def test_nothing_goes_below_the_bound(store: Store) -> None:
    stored.put(store, stored.batch(2))
    before = rows_left(store)
    assert retain(store, Bounds(max_sessions=2)) == 0
    assert rows_left(store) == before


def test_a_running_session_stays_however_old_it_is(store: Store) -> None:
    rows = stored.batch(3)
    rows.sessions[0] = rows.sessions[0]._replace(status="running")
    stored.put(store, rows)
    assert retain(store, Bounds(max_sessions=1)) == 2
    assert [row.id for row in read_sessions(store, SessionFilter())] == [rows.sessions[0].id]
    assert retain(store, Bounds(max_sessions=0)) == 0


def test_a_recording_that_nobody_refers_to_goes_whole(store: Store) -> None:
    old = stored.put(store, stored.ended(stored.batch(1)))
    new = stored.batch(1)
    new.sessions = [new.sessions[0]._replace(start_ns=9_000)]
    stored.put(store, stored.ended(new))
    assert retain(store, Bounds(max_sessions=1)) == 1
    assert read_recording(store, old.recordings[0].id) is None
    assert read_recording(store, new.recordings[0].id) == new.recordings[0]
    assert read_source(store, stored.HASH) == stored.SOURCE
    assert retain(store, Bounds(max_sessions=0)) == 1
    assert set(rows_left(store).values()) == {0}


def test_a_recording_that_still_records_stays(store: Store) -> None:
    rows = stored.put(store, stored.batch(1))
    assert retain(store, Bounds(max_sessions=0)) == 1
    assert read_recording(store, rows.recordings[0].id) == rows.recordings[0]
    assert read_source(store, stored.HASH) == stored.SOURCE


def test_more_sessions_go_than_one_statement_takes(store: Store) -> None:
    rows = stored.batch(1201)
    rows.functions, rows.chunks = [], []
    stored.put(store, rows)
    assert retain(store, Bounds(max_sessions=100)) == 1101
    assert rows_left(store)["sessions"] == 100


def test_what_was_removed_may_be_written_to_by_its_session_again(
    store: Store, database: str
) -> None:
    """Retention by one writer and a flush by another can meet."""
    rows = stored.put(store, stored.batch(1))
    other = open_store(database, upgrade=True)
    retain(other, Bounds(max_sessions=0))
    other.close()
    stored.put(store, Batch(sessions=rows.sessions, chunks=rows.chunks))
    assert [row.id for row in read_sessions(store, SessionFilter())] == [rows.sessions[0].id]


def kept(store: Store) -> list[str]:
    """The ids of the sessions that are there, newest first."""
    return [row.id for row in read_sessions(store, SessionFilter())]


def aged(count: int, **statuses: str) -> Batch:
    """Sessions of which each ended a day before the next one, the last of them just now.

    `s0="error"` and the like say how some of them ended.
    """
    rows = stored.batch(count)
    now = time_ns()
    for n, row in enumerate(rows.sessions):
        start_ns = now - (count - 1 - n) * DAY_NS - 90
        rows.sessions[n] = row._replace(
            start_ns=start_ns, status=statuses.get(f"s{n}", "completed")
        )
    return rows


def test_what_ended_too_long_ago_goes_however_it_ended(store: Store) -> None:
    rows = stored.put(store, aged(4, s0="error", s1="crashed"))
    bounds = Bounds(max_age_ns=DAY_NS * 3 // 2, keep_longer=("error",))
    assert retain(store, bounds) == 2
    assert kept(store) == [rows.sessions[3].id, rows.sessions[2].id]


def test_a_long_session_is_as_old_as_its_end(store: Store) -> None:
    rows = aged(2)
    rows.sessions[0] = rows.sessions[0]._replace(duration_ns=DAY_NS)
    stored.put(store, rows)
    assert retain(store, Bounds(max_age_ns=DAY_NS // 2)) == 0


def test_pinned_sessions_stay_and_do_not_count(store: Store) -> None:
    rows = stored.put(store, aged(5))
    ids = [row.id for row in rows.sessions]
    pin(store, ids[:2])
    assert retain(store, Bounds(max_sessions=1, max_age_ns=DAY_NS * 10)) == 2
    assert kept(store) == [ids[4], ids[1], ids[0]]
    assert retain(store, Bounds(max_age_ns=DAY_NS // 2, max_bytes=1)) == 1
    assert kept(store) == [ids[1], ids[0]]
    pin(store, ids[:1], pinned=False)
    assert retain(store, Bounds(max_age_ns=DAY_NS // 2)) == 1
    assert kept(store) == [ids[1]]


def test_a_writer_does_not_take_a_pin_away(store: Store) -> None:
    rows = stored.put(store, stored.batch(1))
    pin(store, [rows.sessions[0].id])
    stored.put(store, rows)
    assert read_sessions(store, SessionFilter())[0].pinned


def test_failed_sessions_outlive_others_while_they_are_at_most_half(store: Store) -> None:
    rows = stored.put(store, aged(6, s0="error", s1="crashed", s2="error"))
    ids = [row.id for row in rows.sessions]
    bounds = Bounds(max_sessions=4, keep_longer=("error",))
    assert [each.id for each in doomed(store, bounds)] == [ids[0], ids[3]]
    assert retain(store, bounds) == 2
    assert kept(store) == [ids[5], ids[4], ids[2], ids[1]]
    assert retain(store, bounds._replace(keep_longer=(), max_sessions=2)) == 2
    assert kept(store) == [ids[5], ids[4]]


def test_a_new_session_has_its_place_among_failed_ones(store: Store) -> None:
    failed = {f"s{n}": "error" for n in range(4)}
    rows = stored.put(store, aged(5, **failed))
    assert retain(store, Bounds(max_sessions=4, keep_longer=("error",))) == 1
    assert kept(store)[0] == rows.sessions[4].id


def test_failed_sessions_go_when_nothing_else_is_left(store: Store) -> None:
    rows = aged(3, s0="error")
    for n in (1, 2):
        rows.sessions[n] = rows.sessions[n]._replace(status="running")
    stored.put(store, rows)
    assert retain(store, Bounds(max_sessions=2, keep_longer=("error",))) == 1
    assert kept(store) == [rows.sessions[2].id, rows.sessions[1].id]


def test_the_oldest_go_until_the_rest_fits(store: Store) -> None:
    rows = stored.put(store, stored.ended(aged(6)))
    total = sum(each.bytes for each in doomed(store, Bounds(max_age_ns=-DAY_NS)))
    size = total // 6
    with store.engine.connect() as connection:
        sources = connection.scalar(select(func.sum(func.length(schema.files.c.source)))) or 0
    assert size > 100
    bounds = Bounds(max_bytes=int(sources) + 4 * size)
    found = doomed(store, bounds)
    assert [(each.id, each.why) for each in found] == [
        (row.id, "max_bytes") for row in rows.sessions[:2]
    ]
    assert retain(store, bounds) == 2
    assert kept(store) == [row.id for row in rows.sessions[:1:-1]]
    assert doomed(store, bounds) == []


def test_what_one_bound_takes_the_next_one_does_not_take_again(store: Store) -> None:
    rows = stored.put(store, aged(6))
    size = doomed(store, Bounds(max_age_ns=-DAY_NS), limit=1)[0].bytes
    bounds = Bounds(max_sessions=4, max_age_ns=DAY_NS * 9 // 2, max_bytes=5 * size)
    found = doomed(store, bounds)
    assert [each.why for each in found] == ["max_age", "max_sessions"]
    assert [each.id for each in found] == [row.id for row in rows.sessions[:2]]


def test_a_large_session_goes_in_steps_and_never_has_a_hole(store: Store) -> None:
    rows = stored.batch(1)
    (session,) = rows.sessions
    rows.sessions = [session._replace(events=2400)]
    rows.chunks = [stored.chunk(session, first, first + 1) for first in range(1, 2400, 2)]
    stored.put(store, rows)
    seen = []
    for _ in remove(store, [session.id]):
        left = read_outlines(store, session.id)
        for now in read_sessions(store, SessionFilter()):
            seen.append((now.first_event, len(left)))
            assert left[0].first == now.first_event
    assert seen == [(1001, 700), (2001, 200)]
    assert kept(store) == []


def test_sessions_of_many_chunks_go_in_steps_of_fewer(store: Store) -> None:
    rows = stored.ended(stored.batch(4))
    for many, session in zip((200, 300, 400, 501), rows.sessions, strict=True):
        rows.chunks += [stored.chunk(session, first, first) for first in range(3, many + 2)]
    stored.put(store, rows)
    assert list(remove(store, kept(store)[::-1])) == [2, 1, 0, 1]
    assert set(rows_left(store).values()) == {0}


def test_what_was_pinned_or_runs_by_now_stays_unless_a_person_asked(store: Store) -> None:
    rows = stored.put(store, stored.batch(2))
    ids = [row.id for row in rows.sessions]
    pin(store, ids[:1])
    stored.put(store, Batch(sessions=[rows.sessions[1]._replace(status="running")]))
    assert sum(remove(store, ids)) == 0
    assert sum(remove(store, ids, asked=True)) == 2
    assert kept(store) == []


def test_a_removal_out_of_time_goes_on_later(store: Store) -> None:
    stored.put(store, stored.ended(stored.batch(320)))
    bounds = Bounds(max_sessions=0)
    removed = retain(store, bounds, budget_s=0.0)
    assert 0 < removed < 320
    assert len(kept(store)) == 320 - removed
    assert retain(store, bounds) == 320 - removed
    assert set(rows_left(store).values()) == {0}


@pytest.mark.parametrize("reads", [True, False])
def test_nobody_waits_for_a_large_removal(store: Store, database: str, reads: bool) -> None:
    """Others have their turn after every step: as many as there are, here."""
    stored.put(store, stored.batch(1000))
    other = open_store(database, upgrade=False)
    turns = 0
    for _ in remove(store, kept(store)):
        if reads:
            kept(other)
        else:
            stored.put(other, stored.batch(1))
        turns += 1
    other.close()
    assert turns == 5
