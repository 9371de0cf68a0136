"""The writer's fold and the reader's are two programs; here they answer the same questions."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from rewind.model.events import Control
from rewind.replay.fold import Fold
from rewind.replay.frames import DELETED, Frame, stack_of
from rewind.replay.sites import Module, Places
from tests.spooled import key_error, record
from tests.unit.writer import recorded
from tests.unit.writer.recorded import Recorded, events, keyframe

HANDLES = st.integers(1, 3)
LINES = st.integers(0, 40)
VALUES = st.sampled_from([None, 1, "text", b"bytes", 2**40])


def event(site: int, *payload: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return st.tuples(*payload).map(lambda values: record(site, 7, *values))


def control(number: Control, *payload: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return st.tuples(*payload).map(lambda values: record(number, *values))


RECORDS = st.one_of(
    event(recorded.CALL_WORK, VALUES, VALUES, LINES),
    event(recorded.CALL_HELPER, LINES),
    event(recorded.CALL_NUMBERS, HANDLES, VALUES, LINES),
    event(recorded.CALL_FETCH, HANDLES, LINES),
    event(recorded.RESUME_NUMBERS, HANDLES, VALUES, LINES),
    event(recorded.RESUME_FETCH, HANDLES, VALUES, LINES),
    event(recorded.SET_X, VALUES),
    event(recorded.SET_A, VALUES),
    event(recorded.SET_Y, VALUES),
    event(recorded.SET_Z, VALUES),
    event(recorded.SET_ANSWER, VALUES),
    event(recorded.DELETE_A),
    event(recorded.DELETE_A, VALUES, VALUES),
    event(recorded.LOOP),
    event(recorded.AWAIT),
    event(recorded.YIELD, VALUES),
    event(recorded.RETURN_WORK, VALUES),
    event(recorded.RETURN_HELPER, VALUES),
    event(recorded.RETURN_NUMBERS, VALUES),
    st.just(record(recorded.SEEN, 7, key_error("k"), 6, True, None)),
    st.just(record(recorded.FAILED, 7, key_error("k"), 6, True, None)),
    control(Control.SUSPEND, HANDLES),
    control(Control.REENTER, HANDLES),
    control(Control.UNWIND, st.integers(0, 3)),
)


def told(frame: Frame) -> list[Any]:
    """A reader's frame as a keyframe would have it."""
    writes, latest = [], frame.writes
    while latest is not None:
        writes.append(latest)
        latest = latest.earlier
    variables: dict[str, list[Any]] = {}
    for write in reversed(writes):
        if write.value is DELETED:
            variables.pop(write.name, None)
        else:
            variables[write.name] = [write.name, write.n, write.place.number, write.value]
    place = (frame.number, frame.opened.number, frame.handle, frame.latest.number)
    return [*place, list(variables.values()), frame.called_at]


@example(
    [
        record(recorded.CALL_NUMBERS, 7, 3, None, 0),
        record(recorded.CALL_FETCH, 7, 1, 0),
        record(recorded.CALL_FETCH, 7, 1, 0),
        record(Control.SUSPEND, 3),
        record(recorded.CALL_WORK, 7, None, None, 0),
    ],
    1,
)
@given(st.lists(RECORDS, max_size=60), st.integers(1, 5))
def test_every_keyframe_is_the_state_that_a_reader_comes_to(
    records: list[bytes], size: int
) -> None:
    work = Recorded(chunk_events=size)
    work.feed(*records)
    module = Module("app", "/app.py", "hash", 0, recorded.FUNCTIONS, recorded.SITES)
    places = Places(lambda: [module])
    reader = Fold(places)
    for chunk in work.rows().chunks:
        state = keyframe(chunk.keyframe)
        assert state["stack"] == [told(frame) for frame in reversed([*stack_of(reader.top)])]
        suspended = {frame[2]: frame for frame in state["suspended"]}
        assert suspended == {handle: told(frame) for handle, frame in reader.suspended.items()}
        n = chunk.first
        for entry in events(chunk):
            if entry[0] < 0:
                reader.control(tuple(entry))
            else:
                reader.event(n, places[entry[0]], tuple(entry))
                n += 1
