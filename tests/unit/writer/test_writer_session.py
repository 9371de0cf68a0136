import pytest

from rewind.errors import ConfigError
from rewind.model.events import Control
from rewind.model.values import Tag
from rewind.store import FunctionCalls
from rewind.writer import WriterSettings, endings
from rewind.writer.records import clock_of, counted_from_the_last
from tests.spooled import Raw, key_error, record
from tests.unit.writer.recorded import (
    CALL_HELPER,
    CALL_WORK,
    FAILED,
    LOOP,
    ORIGIN,
    RETURN_HELPER,
    RETURN_WORK,
    SEEN,
    SET_X,
    Recorded,
    events,
    keyframe,
)


def loops(work: Recorded, count: int) -> None:
    work.event(CALL_WORK, 1, 2)
    for n in range(count - 1):
        work.event(SET_X, n)


def changed(work: Recorded) -> bool:
    return work.session.changed


def test_events_are_cut_into_chunks() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 10)
    rows = work.rows()
    assert [(chunk.first, chunk.last) for chunk in rows.chunks] == [(1, 4), (5, 8), (9, 10)]
    assert [len(events(chunk)) for chunk in rows.chunks] == [4, 4, 2]
    assert [chunk.start_ns for chunk in rows.chunks] == [10, 50, 90]
    assert [chunk.end_ns for chunk in rows.chunks] == [40, 80, 100]
    assert rows.session.events == 10


def test_a_chunk_begins_with_the_state_before_it() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 6)
    first, second = work.rows().chunks
    assert keyframe(first.keyframe) == {"stack": [], "suspended": []}
    (frame,) = keyframe(second.keyframe)["stack"]
    assert frame[4] == [["a", 1, CALL_WORK, 1], ["b", 1, CALL_WORK, 2], ["x", 4, SET_X, 2]]


def test_an_open_chunk_is_given_again_when_it_has_grown() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 3)
    (before,) = work.rows().chunks
    assert changed(work) is False
    work.event(LOOP)
    assert changed(work) is True
    (after,) = work.rows().chunks
    assert after.data.startswith(before.data)
    assert (after.first, after.last) == (1, 4)


def test_the_last_chunk_grows_as_long_as_the_session_runs() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 6)
    assert [chunk.growing for chunk in work.rows().chunks] == [False, True]
    work.session.end(endings.left_open(work.session))
    assert [chunk.growing for chunk in work.rows().chunks] == [False]


def test_a_chunk_that_is_left_is_full_and_the_next_event_begins_another() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 2)
    work.session.leave()
    work.session.leave()
    work.event(LOOP)
    rows = work.rows()
    assert [(chunk.first, chunk.last, chunk.growing) for chunk in rows.chunks] == [
        (1, 2, False),
        (3, 3, True),
    ]
    assert [calls.calls for calls in rows.functions] == [1]


def test_a_full_chunk_is_given_once() -> None:
    work = Recorded(chunk_events=4)
    loops(work, 4)
    work.rows()
    work.event(LOOP)
    assert [(chunk.first, chunk.last) for chunk in work.rows().chunks] == [(1, 4), (5, 5)]
    work.event(LOOP)
    assert [(chunk.first, chunk.last) for chunk in work.rows().chunks] == [(5, 6)]


def test_a_chunk_counts_its_sites_and_kinds() -> None:
    work = Recorded()
    loops(work, 3)
    work.event(LOOP)
    (chunk,) = work.rows().chunks
    assert chunk.sites == {CALL_WORK: 1, SET_X: 2, LOOP: 1}
    assert chunk.kinds == {"call": 1, "variable": 2, "loop": 1}


def test_calls_are_counted_over_all_chunks() -> None:
    work = Recorded(chunk_events=3)
    work.event(CALL_WORK, 1, 2)
    for _ in range(4):
        work.event(CALL_HELPER)
        work.event(RETURN_HELPER, None)
    assert work.rows().functions == [
        FunctionCalls("s", "app", "helper", 4),
        FunctionCalls("s", "app", "work", 1),
    ]
    work.event(CALL_HELPER)
    assert work.rows().functions == [FunctionCalls("s", "app", "helper", 5)]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 10, 100])
def test_never_more_events_are_kept_than_may_be(limit: int) -> None:
    work = Recorded(max_events_per_session=limit, overflow="oldest")
    kept: dict[int, int] = {}
    work.event(CALL_WORK, 1, 2)
    for n in range(60):
        work.event(SET_X, n)
        if n % 7 == 0:
            rows = work.rows()
            kept |= {chunk.first: chunk.last for chunk in rows.chunks}
            kept = {a: z for a, z in kept.items() if a >= rows.session.first_event}
            assert sum(z - a + 1 for a, z in kept.items()) <= limit
            assert min(kept) == rows.session.first_event
            assert max(kept.values()) == rows.session.events
    assert work.rows().session.events == 61
    if limit >= 4:
        assert sum(z - a + 1 for a, z in kept.items()) >= limit // 2


def test_a_session_that_stops_at_its_limit_counts_the_rest() -> None:
    work = Recorded(max_events_per_session=5, overflow="stop")
    loops(work, 12)
    rows = work.rows()
    assert (rows.session.events, rows.session.dropped) == (5, 7)
    assert rows.session.first_event == 1


def test_withheld_and_dropped_values_are_counted() -> None:
    work = Recorded()
    work.session.drop(3)
    work.session.redact(2)
    work.session.redact(2)
    row = work.rows().session
    assert (row.dropped, row.redacted) == (3, 4)


def test_a_stored_session_goes_on_as_if_nothing_had_happened() -> None:
    """A writer that takes over rebuilds the state from the last chunk."""
    whole = Recorded(chunk_events=4)
    loops(whole, 12)
    expected = whole.rows()
    first = Recorded(chunk_events=4)
    loops(first, 6)
    stored = first.rows()
    second = Recorded(chunk_events=4)
    last = stored.chunks[-1]
    second.session.reopen(last, [chunk.first for chunk in stored.chunks], stored.functions)
    second.decoder.clock = ORIGIN + (clock_of(last.data) or 0)
    second.feed(last.data)
    assert second.decoder.clock == first.decoder.clock
    assert second.rows().chunks == [last]
    for n in range(5, 11):
        second.event(SET_X, n)
    rows = second.rows()
    assert rows.chunks == expected.chunks[1:]
    assert rows.session == expected.session
    assert rows.functions == []
    second.event(CALL_WORK, 1, 2)
    assert second.rows().functions == [FunctionCalls("s", "app", "work", 2)]


def test_a_session_of_an_earlier_rewind_goes_on() -> None:
    """Its chunks have no clock, and each time there is since the session's start."""
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.feed(record(Control.UNWIND, 0))
    work.decoder.clock = ORIGIN + 7
    work.event(SET_X, "x", dt=0)
    work.decoder.clock = ORIGIN + 2**33
    work.event(LOOP)
    (chunk,) = work.rows().chunks
    earlier = b"".join(record(*one) for one in events(chunk))
    assert clock_of(earlier) is None
    assert counted_from_the_last(earlier) == chunk.data


def test_an_error_is_told_with_the_event_at_which_it_was_first_seen() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(SEEN, key_error("k"), 3, False)
    work.event(FAILED, key_error("k"), 3, False)
    error = (Tag.EXCEPTION, 900, "builtins.KeyError", 1, "k")
    how = endings.finished(work.session, "error", error, 500)
    assert (how.status, how.duration_ns) == ("error", 500)
    assert (how.error_type, how.error_message) == ("builtins.KeyError", "'k'")
    assert how.error_event == 2


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("builtins.ValueError", (), ""),
        ("builtins.ValueError", ("no such order",), "no such order"),
        ("builtins.KeyError", ("no such order",), "'no such order'"),
        ("builtins.OSError", (2, "gone"), "(2, 'gone')"),
        ("app.Error", ((Tag.TEXT, 9000, "long"),), "long..."),
        ("app.Error", ((Tag.KNOWN, 1, "decimal.Decimal", "Decimal('1')"),), "Decimal('1')"),
        ("app.Error", ((Tag.INSTANCE, 1, "app.Order", 0),), "<app.Order>"),
        ("app.Error", ((Tag.REDACTED, 1, "builtins.str"),), "<redacted>"),
        ("app.Error", ((Tag.LIST, 1, 0),), "<...>"),
    ],
)
def test_an_exceptions_message_is_what_str_would_say(
    name: str, arguments: tuple[object, ...], text: str
) -> None:
    assert endings.message_of((Tag.EXCEPTION, 1, name, len(arguments), *arguments)) == text


def test_a_session_cut_off_says_where() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(CALL_HELPER)
    how = endings.cut_off(work.session, work.sites)
    assert how.status == "crashed"
    assert how.error_message == "the process ended in app.helper, line 10"
    assert (how.error_type, how.error_event) == ("crashed", 2)


def test_a_session_cut_off_with_nothing_open_is_completed() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(RETURN_WORK, Raw(record(1)[1:]))
    how = endings.cut_off(work.session, work.sites)
    assert (how.status, how.error_type) == ("completed", None)


def test_a_session_left_open_at_goodbye_is_completed_and_tagged() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    how = endings.left_open(work.session)
    work.session.row = work.session.row._replace(tags={"order": 7})
    work.session.end(how)
    row = work.rows().session
    assert (row.status, row.duration_ns) == ("completed", 10)
    assert row.tags == {"order": 7, "unfinished": True}


def test_settings_come_out_of_the_recording() -> None:
    found = WriterSettings.from_recording(
        "sqlite:///x", {"compression": "zlib", "max_events_per_session": None, "include": ["a"]}
    )
    assert found == WriterSettings("sqlite:///x", compression="zlib")


@pytest.mark.parametrize(
    ("key", "value"),
    [("compression", "rar"), ("overflow", "burst"), ("max_sessions", -1), ("max_sessions", "nine")],
)
def test_a_setting_that_cannot_be_is_named(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key} is {value!r}; it (can|must) be "):
        WriterSettings.from_recording("sqlite:///x", {key: value})
