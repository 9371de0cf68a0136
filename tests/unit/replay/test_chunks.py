import re

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.replay.chunks import Chunk, ChunkCache
from rewind.store import rows
from tests.unit.replay.told import SESSION, Told, packed

EMPTY = packed({"stack": [], "suspended": []})


def told_main() -> Told:
    told = Told()
    main = told.function("main", "a")
    told.event("call", main, 5)
    told.event("variable", main, 6, name="a")
    told.event("exception", main, "lost", 7, False, detail="exit")
    return told


def chunk_of(data: bytes, keyframe: bytes = EMPTY, *, last: int = 1) -> Chunk:
    return Chunk(rows.Chunk(SESSION, 1, last, 0, 0, data, keyframe, {}, {}), told_main().places)


def refused(chunk: Chunk) -> str:
    with pytest.raises(FormatError) as caught:
        _ = chunk.events
    message = str(caught.value)
    assert message.startswith(f"session {SESSION}, chunk 1-")
    return message


def test_a_chunk_gives_its_events_by_number() -> None:
    first, second = told_main().chunks(2)
    assert [event.n for event in first.events] == [1, 2]
    assert second[3].n == 3
    assert second[3].time_ns == 30


def test_a_chunks_keyframe_alone_tells_the_stack_before_it() -> None:
    _, second = told_main().chunks(2)
    assert second.stack is not None
    assert second.stack.number == 1


def test_times_count_from_a_clock_where_a_chunk_has_one() -> None:
    """Without one, as in chunks of an earlier Rewind, each is since the session's start."""
    variable = [packed([1, time, 5]) for time in (10, 3, 0, 4)]
    early, late = packed([int(Control.CLOCK), 50]), packed([int(Control.CLOCK), 1000])
    counted = chunk_of(b"".join((late, *variable[:2], early, *variable[2:])), last=4)
    assert [event.time_ns for event in counted.events] == [1010, 1013, 50, 54]
    whole = chunk_of(b"".join(variable), last=4)
    assert [event.time_ns for event in whole.events] == [10, 3, 0, 4]


def test_control_records_of_no_concern_are_passed_over() -> None:
    told = told_main()
    told.records.insert(1, (int(Control.REDACTED), 1, 5))
    told.records.insert(2, (-99, "from a later version"))
    assert [event.n for event in told.events()] == [1, 2, 3]


def test_elements_added_by_a_later_version_are_ignored() -> None:
    told = told_main()
    told.records[1] = (*told.records[1], "more")
    assert told.events()[1].value == 6


@pytest.mark.parametrize(
    ("data", "keyframe", "why"),
    [
        (b"\xc1", EMPTY, "Format"),
        (packed("text"), EMPTY, "TypeError"),
        (packed(7), EMPTY, "TypeError"),
        (packed([]), EMPTY, "IndexError"),
        (packed(["site", 1]), EMPTY, "TypeError"),
        (packed([10**6, 1, 5]), EMPTY, "site 1000000 is in no recorded module"),
        (packed([0]), EMPTY, "cut short"),
        (packed([1, 10]), EMPTY, "cut short"),
        (packed([2, 10, "lost"]), EMPTY, "cut short"),
        (packed([0, 10, 5]) * 2, EMPTY, "holds 2 events"),
        (packed([0, "ten", 5]), EMPTY, "no integer"),
        (packed([int(Control.CLOCK), "ten"]) + packed([0, 10, 5]), EMPTY, "TypeError"),
        (packed([int(Control.CLOCK)]) + packed([0, 10, 5]), EMPTY, "IndexError"),
        (packed([2, 10, "lost", "line", False]), EMPTY, "no integer"),
        (packed([0, 10, 5]), packed({"stack": [["1", 0, None, 0, []]], "suspended": []}), "number"),
        (
            packed([0, 10, 5]),
            packed({"stack": [[1, 0, None, 0, [[5, 1, 0, None]]]], "suspended": []}),
            "variable",
        ),
        (packed([0, 10, 5])[:-1] + b"\xdd\xff\xff\xff\xff", EMPTY, ""),
        (packed([0, 10, 5]), b"", ""),
        (packed([0, 10, 5]), packed([]), ""),
        (packed([0, 10, 5]), packed({"stack": [[1]], "suspended": []}), ""),
        (packed([0, 10, 5]), packed({"stack": 5, "suspended": []}), ""),
        (packed([int(Control.UNWIND), "two"]), EMPTY, ""),
        (b"\x91" * 5000, EMPTY, "StackError"),
        (msgpack.packb([0, 10, msgpack.ExtType(5, b"")]), EMPTY, None),
    ],
)
def test_bytes_that_do_not_follow_the_format_are_named_by_session_and_chunk(
    data: bytes, keyframe: bytes, why: str | None
) -> None:
    chunk = chunk_of(data, keyframe)
    if why is None:
        # A foreign value is found when somebody asks for it.
        with pytest.raises(FormatError):
            _ = chunk.events[0].arguments
    else:
        assert re.search(re.escape(why), refused(chunk))


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_events_or_a_format_error(data: bytes, keyframe: bytes) -> None:
    for blobs in ((data, keyframe), (data, EMPTY)):
        try:
            _ = chunk_of(*blobs).events
        except FormatError:
            continue


def test_places_are_read_again_for_a_module_that_came_later() -> None:
    told = told_main()
    (chunk,) = told.chunks()
    _ = chunk.events
    later = told.function("later")
    told.event("call", later)
    assert told.events()[-1].place.scope.function.qualname == "later"


def sized(first: int, last: int, size: int = 10) -> Chunk:
    row = rows.Chunk(SESSION, first, last, 0, 0, bytes(size), b"", {}, {})
    return Chunk(row, told_main().places)


def test_a_kept_chunk_is_found_by_any_of_its_events() -> None:
    cache = ChunkCache()
    for first in (1, 11, 21):
        cache.keep(sized(first, first + 9))
    found = cache.find(SESSION, 15)
    assert found is not None
    assert found.first == 11
    assert cache.find(SESSION, 31) is None
    assert cache.find(SESSION, 0) is None
    assert cache.find("other", 15) is None


def test_a_chunk_that_grew_takes_the_place_of_its_shorter_self() -> None:
    cache = ChunkCache()
    cache.keep(sized(1, 4))
    assert cache.find(SESSION, 5) is None
    cache.keep(sized(1, 9))
    grown = cache.find(SESSION, 5)
    assert grown is not None
    assert grown.last == 9


def test_the_chunks_not_used_for_longest_go_first() -> None:
    cache = ChunkCache(limit=3 * sized(1, 10).weight)
    for first in (1, 11, 21):
        cache.keep(sized(first, first + 9))
    assert cache.find(SESSION, 1) is not None
    cache.keep(sized(31, 40))
    kept = [first for first in (1, 11, 21, 31) if cache.find(SESSION, first)]
    assert kept == [1, 21, 31]


def test_a_chunk_larger_than_the_bound_is_kept_alone() -> None:
    cache = ChunkCache(limit=sized(1, 10).weight)
    cache.keep(sized(1, 10))
    cache.keep(sized(11, 20, size=1000))
    assert cache.find(SESSION, 1) is None
    assert cache.find(SESSION, 11) is not None
