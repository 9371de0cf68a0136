from pathlib import Path
from typing import Any

import pytest

from rewind import store
from rewind.errors import FormatError, NoSuchEventError, NoSuchSessionError, StoreError
from rewind.model.sites import GENERATOR
from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.replay.session import Session
from tests.unit.replay.stored import put, stored
from tests.unit.replay.told import FILE, SESSION, Told

SIZES = pytest.mark.parametrize("size", [1, 3, 4096])


def told_shop() -> Told:
    """Main calls pay twice; the second call fails and is handled."""
    told = Told()
    main, pay = told.function("main"), told.function("pay", "order")
    told.event("call", main, line=1)
    for order in (7, 8):
        told.event("variable", main, order, name="order", line=2)
        told.event("call", pay, order, line=11)
        told.event("variable", pay, order * 2, name="order", line=12)
        if order == 8:
            lost = (12, 90, "builtins.KeyError", 1, "gold")
            told.event("exception", pay, lost, 13, False, None, detail="exit")
            told.event("handled", main, lost, name="error", line=5)
        else:
            told.event("return", pay, 0, line=14)
    told.event("return", main, None, line=6)
    return told


def shop(folder: Path, size: int = 4096) -> Session:
    return stored(folder, told_shop(), size).session(SESSION)


@SIZES
def test_a_moment_has_the_stack_with_arguments_and_current_lines(tmp_path: Path, size: int) -> None:
    stack = shop(tmp_path, size).stack(4)
    assert [(entry.frame.number, entry.line, entry.arguments) for entry in stack] == [
        (3, 12, (("order", 7),)),
        (1, 2, ()),
    ]


@SIZES
def test_arguments_that_were_written_again_are_still_those_of_the_call(
    tmp_path: Path, size: int
) -> None:
    session = shop(tmp_path, size)
    (order,) = session.variables(5)
    assert order.value == 14
    assert session.stack(5)[0].arguments == (("order", 7),)


@SIZES
def test_an_exceptions_own_line_is_where_its_frame_stands(tmp_path: Path, size: int) -> None:
    assert shop(tmp_path, size).stack(9)[0].line == 13


@SIZES
def test_variables_are_those_of_the_chosen_frame_on_the_stack(tmp_path: Path, size: int) -> None:
    session = shop(tmp_path, size)
    assert [v.value for v in session.variables(4, frame=1)] == [7]
    assert [v.value for v in session.variables(4, frame=3)] == [14]
    gone = session.moment(10, frame=7)
    assert gone.chosen is not None
    assert gone.chosen.frame.number == 1


@SIZES
def test_moments_are_the_same_one_by_one_and_together(tmp_path: Path, size: int) -> None:
    session = shop(tmp_path, size)
    one_by_one = [session.moment(n) for n in range(2, 10)]
    assert [(m.event.n, m.stack, m.variables) for m in session.moments(2, 9)] == [
        (m.event.n, m.stack, m.variables) for m in one_by_one
    ]


@SIZES
def test_events_are_given_from_one_number_to_another(tmp_path: Path, size: int) -> None:
    session = shop(tmp_path, size)
    assert [event.n for event in session.events()] == list(range(1, 12))
    assert [event.n for event in session.events(EventQuery(first=4, last=6))] == [4, 5, 6]
    assert [event.n for event in session.events(EventQuery(first=9, last=99))] == [9, 10, 11]
    assert [event.n for event in session.events(EventQuery(limit=2))] == [1, 2]
    assert not list(session.events(EventQuery(first=12)))
    assert not list(session.events(EventQuery(first=1 << 70, function="*")))
    assert len([*session.events(EventQuery(last=1 << 70, function="*"))]) == 11
    assert not list(session.events(EventQuery(limit=0)))


@SIZES
def test_events_are_found_by_what_their_sites_say(tmp_path: Path, size: int) -> None:
    session = shop(tmp_path, size)
    writes = session.events(EventQuery(variable="order", function="pay"))
    assert [event.n for event in writes] == [3, 4, 7, 8]
    calls = session.events(EventQuery(kinds=frozenset(("call",)), first=2, limit=1))
    assert [event.n for event in calls] == [3]


def test_chunks_without_such_sites_are_not_opened(tmp_path: Path) -> None:
    """Here their bytes are broken, so that opening them would be noticed."""
    told = told_shop()
    archive = stored(tmp_path, told, 3)
    database = archive._store
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE chunks SET data = x'00' WHERE first <> 10")
    session = archive.session(SESSION)
    found = session.events(EventQuery(kinds=frozenset(("handled",))))
    assert [event.n for event in found] == [10]
    with pytest.raises(FormatError):
        list(session.events())


def test_an_event_outside_of_the_session_is_refused_and_has_a_nearest(tmp_path: Path) -> None:
    session = shop(tmp_path)
    for n in (0, 12, 1 << 70):
        with pytest.raises(NoSuchEventError, match=f"no event {n}: it holds events 1 to 11"):
            session.event(n)
    assert [session.nearest(n) for n in (0, 1, 11, 12)] == [1, 1, 11, 11]


def test_a_session_without_events_says_so(tmp_path: Path) -> None:
    session = stored(tmp_path, Told(), status="running", duration_ns=None).session(SESSION)
    with pytest.raises(NoSuchEventError, match="no events yet"):
        session.event(1)
    assert session.timeline(10) is None
    assert not list(session.events())


def test_a_session_whose_first_events_are_gone_is_read_from_what_is_left(tmp_path: Path) -> None:
    archive = stored(tmp_path, told_shop(), 3, first_event=4)
    session = archive.session(SESSION)
    assert [event.n for event in session.events()] == list(range(4, 12))
    assert session.nearest(1) == 4
    entry = session.stack(4)[0]
    assert entry.frame.number == 3
    assert entry.arguments == (("order", 7),)
    with pytest.raises(NoSuchEventError, match="events 4 to 11"):
        session.event(3)


def test_arguments_whose_call_is_gone_are_not_made_up(tmp_path: Path) -> None:
    archive = stored(tmp_path, told_shop(), 4, first_event=5)
    session = archive.session(SESSION)
    assert session.variables(5)[0].value == 14
    assert session.stack(5)[0].arguments == ()


def test_a_frame_from_another_session_has_no_arguments(tmp_path: Path) -> None:
    told = Told()
    items = told.function("items", "n", flavour=GENERATOR)
    told.event("resume", items, 77, None)
    assert stored(tmp_path, told).session(SESSION).stack(1)[0].arguments == ()


def test_a_growing_session_is_read_as_it_grows(tmp_path: Path) -> None:
    """Its last chunk is replaced by a longer one; what is kept of it must not hide that."""
    told = Told()
    main = told.function("main")
    told.event("call", main)
    archive = stored(tmp_path, told, status="running", duration_ns=None)
    database = store.open_store(archive._store.url, upgrade=False)
    for n in range(2, 6):
        told.event("variable", main, n, name="x")
        if n == 4:
            later = told.function("later")
            told.event("call", later)
            told.event("return", later, None)
        put(database, told, status="running", duration_ns=None)
        session = archive.session(SESSION)
        assert session.facts.events == told.last
        assert [event.n for event in session.events()] == list(range(1, told.last + 1))
        writes = session.events(EventQuery(kinds=frozenset(("variable",))))
        assert len([*writes]) == n - 1
    archive.close()
    database.close()


def test_the_source_is_the_recorded_one(tmp_path: Path) -> None:
    session = shop(tmp_path)
    module = session.module_of(FILE)
    assert module is not None
    assert session.source(module)[1] == "    line 2"
    assert session.module_of("/srv/other.py") is None


def test_broken_bytes_are_named_by_session_and_chunk(tmp_path: Path) -> None:
    archive = stored(tmp_path, told_shop(), 3)
    with archive._store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE chunks SET codec = 'none', data = x'c1' WHERE first = 4")
    session = archive.session(SESSION)
    assert session.event(3).n == 3
    with pytest.raises(FormatError, match=f"session {SESSION}, chunk of event 4"):
        session.event(4)


def test_sessions_are_found_by_their_names(tmp_path: Path) -> None:
    archive = stored(tmp_path, told_shop())
    assert archive.session("last").facts.id == SESSION
    assert archive.session(SESSION[:6]).facts.id == SESSION
    with pytest.raises(NoSuchSessionError, match="fff"):
        archive.session("fff")
    assert archive.count() == len(archive.sessions()) == archive.status().sessions == 1
    assert archive.name == "rewind.db"


def test_an_archive_is_made_only_where_that_is_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/rewind.db"
    with pytest.raises(StoreError, match="no recordings"):
        Archive.open(url)
    archive = Archive.open(url, create=True)
    assert archive.sessions() == []
    archive.close()


def test_what_is_no_database_of_ours_is_not_made_one(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("dear diary")
    with pytest.raises(StoreError):
        Archive.open(f"sqlite:///{file}", create=True)
    assert file.read_text() == "dear diary"


def spans_of(session: Session) -> list[Any]:
    timeline = session.timeline(4)
    assert timeline is not None
    return [(span.frame.number, span.frame.depth, span.first, span.last) for span in timeline.spans]


@SIZES
def test_a_timeline_has_each_call_from_its_first_to_its_last_event(
    tmp_path: Path, size: int
) -> None:
    session = shop(tmp_path, size)
    assert spans_of(session) == [(1, 1, 1, 11), (3, 2, 3, 5), (7, 2, 7, 9)]
    timeline = session.timeline(4)
    assert timeline is not None
    assert (timeline.first, timeline.last, timeline.duration_ns) == (1, 11, 110)
    assert [event.n for event in timeline.exceptions] == [9]
    assert timeline.spans_complete
    assert timeline.buckets[0].first == 1
    assert timeline.buckets[-1].last == 11
    assert sum(sum(bucket.kinds.values()) for bucket in timeline.buckets) == 11
    for before, after in zip(timeline.buckets, timeline.buckets[1:], strict=False):
        assert after.first == before.last + 1


def test_a_generator_has_a_span_for_each_stay(tmp_path: Path) -> None:
    told = Told()
    main, items = told.function("main"), told.function("items", flavour=GENERATOR)
    told.event("call", main)
    told.event("call", items, 77)
    told.event("yield", items, 1)
    told.event("loop", main)
    told.event("resume", items, 77, None)
    told.event("return", items, None)
    told.event("return", main, None)
    session = stored(tmp_path, told).session(SESSION)
    assert spans_of(session) == [(1, 1, 1, 7), (2, 2, 2, 3), (2, 2, 5, 6)]


def test_an_exception_is_on_the_timeline_once_however_far_it_goes(tmp_path: Path) -> None:
    told = Told()
    functions = [told.function(name) for name in ("main", "pay")]
    for function in functions:
        told.event("call", function)
    lost = (12, 90, "builtins.KeyError", 1, "gold")
    told.event("exception", functions[1], lost, 5, False, None)
    told.event("exception", functions[1], lost, 5, False, None, detail="exit")
    told.event("exception", functions[0], lost, 5, True, None)
    told.event("handled", functions[0], lost)
    again = told.event("exception", functions[0], lost, 6, False, None)
    timeline = stored(tmp_path, told).session(SESSION).timeline(4)
    assert timeline is not None
    assert [event.n for event in timeline.exceptions] == [3, again]
