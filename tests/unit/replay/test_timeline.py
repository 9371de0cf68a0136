"""Timelines of sessions too large to be folded whole: less is known, and none of it is wrong."""

from pathlib import Path

import pytest

from rewind.replay import timeline
from rewind.replay.session import Session
from rewind.replay.timeline import Timeline, exact_timeline
from tests.unit.replay.stored import stored
from tests.unit.replay.told import SESSION, Told


@pytest.fixture(autouse=True)
def _large_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewind.replay.session.EXACT_EVENTS", 20)


def large(folder: Path) -> Session:
    """Main calls outer, which calls inner thirty times and then fails."""
    told = Told()
    functions = [told.function(name) for name in ("main", "outer", "inner")]
    main, outer, inner = functions
    told.event("call", main)
    told.event("call", outer)
    for n in range(30):
        told.event("call", inner)
        told.event("return", inner, n)
    told.event("exception", outer, (12, 90, "builtins.KeyError", 0), 5, False, None, detail="exit")
    told.event("return", main, None)
    return stored(folder, told, 5).session(SESSION)


def timeline_of(session: Session, buckets: int = 4) -> Timeline:
    found = session.timeline(buckets)
    assert found is not None
    return found


def test_it_says_that_its_spans_are_not_complete(tmp_path: Path) -> None:
    found = timeline_of(large(tmp_path))
    assert not found.spans_complete
    assert (found.first, found.last) == (1, 64)


def test_calls_open_across_chunks_are_shown_from_their_beginning(tmp_path: Path) -> None:
    found = timeline_of(large(tmp_path))
    main, outer = (span for span in found.spans if span.frame.number <= 2)
    assert (main.first, main.last, main.frame.depth) == (1, 64, 1)
    assert outer.first == 2
    assert outer.last == 60
    assert main.start_ns == 10
    assert main.end_ns == 640


def test_no_span_claims_more_than_the_frame_had(tmp_path: Path) -> None:
    session = large(tmp_path)
    stacks = {event.n: event.top for event in session.events()}
    for span in timeline_of(session).spans:
        for n in range(span.first, span.last + 1):
            frame = stacks[n]
            while frame is not None and frame.number != span.frame.number:
                frame = frame.below
            assert frame is not None


def test_buckets_are_whole_chunks_with_their_counts(tmp_path: Path) -> None:
    found = timeline_of(large(tmp_path), 4)
    assert [(bucket.first, bucket.last) for bucket in found.buckets] == [
        (1, 15),
        (16, 30),
        (31, 45),
        (46, 64),
    ]
    assert found.buckets[0].kinds == {"call": 9, "return": 6}
    assert (found.buckets[1].start_ns, found.buckets[1].end_ns) == (160, 300)
    assert len(timeline_of(large(tmp_path / "other"), 999).buckets) == 13


def test_exceptions_are_found_by_the_chunks_that_have_some(tmp_path: Path) -> None:
    assert [event.n for event in timeline_of(large(tmp_path)).exceptions] == [63]


def test_only_so_many_keyframes_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MAX_KEYFRAMES", 3)
    found = timeline_of(large(tmp_path))
    assert [span.frame.number for span in found.spans][:2] == [1, 2]


def test_notes_are_marked_in_sessions_of_any_length(tmp_path: Path) -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    noted = []
    for n in range(6):
        told.event("variable", main, n, name="total", line=2)
        noted.append(told.event("note", main, "total", n, 2))
    session = stored(tmp_path, told, size=2).session(SESSION)
    assert [event.n for event in timeline_of(session).notes] == noted
    exact = exact_timeline(tuple(session.events()), 1000, 4)
    assert [event.n for event in exact.notes] == noted


def test_what_was_said_is_marked_by_kind_or_counted_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    said = [told.event("output", main, "x\n", 2, name="stdout") for _ in range(5)]
    told.event("note", main, "total", 1, 2)
    found = tuple(stored(tmp_path, told).session(SESSION).events())
    assert [event.n for event in exact_timeline(found, 1000, 4).marks] == said
    monkeypatch.setattr(timeline, "MAX_MARKS", 4)
    crowded = exact_timeline(found, 1000, 4)
    assert crowded.marks == ()
    assert sum(bucket.kinds.get("output", 0) for bucket in crowded.buckets) == 5
