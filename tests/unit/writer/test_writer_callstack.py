from typing import Any

import pytest

from rewind.model.events import Control
from rewind.model.values import Tag
from rewind.writer.callstack import SUSPENDED_KEPT
from tests.spooled import Raw, key_error, record
from tests.unit.writer.recorded import (
    AWAIT,
    CALL_FETCH,
    CALL_HELPER,
    CALL_NUMBERS,
    CALL_WORK,
    DELETE_A,
    FAILED,
    HANDLED,
    LOOP,
    MUTATE_X,
    RESUME_FETCH,
    RESUME_NUMBERS,
    RETURN_HELPER,
    RETURN_NUMBERS,
    RETURN_WORK,
    SEEN,
    SET_A,
    SET_ANSWER,
    SET_TOTAL,
    SET_X,
    SET_Y,
    SET_Z,
    YIELD,
    Recorded,
    events,
    keyframe,
)


def state(work: Recorded) -> dict[str, Any]:
    """The state as a keyframe would hold it; reading it back must give the same."""
    raw = work.state()
    again = Recorded()
    again.session.follower.restore(raw, 0)
    assert again.state() == raw
    return keyframe(raw)


def test_a_call_opens_a_frame_with_its_arguments() -> None:
    work = Recorded()
    work.event(CALL_WORK, "one", 2)
    assert state(work)["stack"] == [
        [1, CALL_WORK, None, CALL_WORK, [["a", 1, CALL_WORK, "one"], ["b", 1, CALL_WORK, 2]], 0]
    ]


def test_a_write_replaces_the_one_before_and_keeps_its_place() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(SET_X, "x")
    work.event(SET_A, 5)
    work.event(SET_X, "y")
    (frame,) = state(work)["stack"]
    assert frame[3] == SET_X
    assert frame[4] == [
        ["a", 3, SET_A, 5],
        ["b", 1, CALL_WORK, 2],
        ["x", 4, SET_X, "y"],
    ]


def test_a_changed_receiver_and_a_handled_exception_are_writes() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(MUTATE_X, Raw(record(Tag.LIST, 5, 1, 1)))
    work.event(HANDLED, key_error("k"))
    names = [name for name, *_ in state(work)["stack"][0][4]]
    assert names == ["a", "b", "x", "error"]


def test_an_attribute_is_no_write_of_a_name() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(SET_TOTAL, "owner", 3)
    (frame,) = state(work)["stack"]
    assert frame[3] == SET_TOTAL
    assert [name for name, *_ in frame[4]] == ["a", "b"]


def test_a_deleted_name_is_gone_and_comes_back_last() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(DELETE_A)
    assert [name for name, *_ in state(work)["stack"][0][4]] == ["b"]
    work.event(SET_A, 3)
    assert [name for name, *_ in state(work)["stack"][0][4]] == ["b", "a"]


def test_a_deleted_item_leaves_the_name() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(DELETE_A, "owner", "key")
    assert [name for name, *_ in state(work)["stack"][0][4]] == ["a", "b"]


@pytest.mark.parametrize("leave", [RETURN_WORK, FAILED])
def test_a_frame_leaves_by_return_and_by_exception(leave: int) -> None:
    work = Recorded()
    work.event(CALL_HELPER)
    work.event(CALL_WORK, 1, 2)
    work.event(leave, key_error("k"), 3, False)
    assert [frame[1] for frame in state(work)["stack"]] == [CALL_HELPER]


def test_an_exception_that_passes_leaves_the_frame() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(SEEN, key_error("k"), 3, False)
    assert len(state(work)["stack"]) == 1


def test_recursion_keeps_a_frame_for_each_call() -> None:
    work = Recorded()
    for depth in range(3):
        work.event(CALL_WORK, depth, None)
    work.event(SET_X, "deepest")
    work.event(RETURN_WORK, None)
    assert [frame[4] for frame in state(work)["stack"]] == [
        [["a", n + 1, CALL_WORK, n], ["b", n + 1, CALL_WORK, None]] for n in range(2)
    ]


def test_an_event_of_another_function_leaves_the_stack_alone() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    before = state(work)
    work.event(SET_Y, "stray")
    work.event(RETURN_HELPER, None)
    assert state(work) == before
    assert work.rows().session.events == 3


def test_an_event_on_an_empty_stack_is_kept() -> None:
    work = Recorded()
    work.event(RETURN_WORK, None)
    work.event(LOOP)
    assert state(work) == {"stack": [], "suspended": []}
    assert work.rows().session.events == 2


def test_a_generator_leaves_at_its_yield_and_comes_back() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(CALL_NUMBERS, 77, 3)
    work.event(SET_Z, 0)
    work.event(YIELD, 0)
    after = state(work)
    assert [frame[0] for frame in after["stack"]] == [1]
    assert after["suspended"] == [
        [2, CALL_NUMBERS, 77, YIELD, [["n", 2, CALL_NUMBERS, 3], ["z", 3, SET_Z, 0]], 0]
    ]
    work.event(RESUME_NUMBERS, 77, None)
    after = state(work)
    assert [frame[0] for frame in after["stack"]] == [1, 2]
    assert after["stack"][1][3] == RESUME_NUMBERS
    assert after["suspended"] == []
    work.event(RETURN_NUMBERS, None)
    assert [frame[0] for frame in state(work)["stack"]] == [1]


def test_a_generator_of_another_session_begins_at_its_resumption() -> None:
    work = Recorded()
    work.event(RESUME_NUMBERS, 5, None)
    work.event(SET_Z, 1)
    assert state(work)["stack"] == [
        [1, RESUME_NUMBERS, 5, SET_Z, [["z", 2, SET_Z, 1]], 0],
    ]


def lines(work: Recorded) -> list[int]:
    """From where each frame on the stack was called or resumed."""
    return [frame[5] for frame in state(work)["stack"]]


def test_a_call_says_from_which_line_it_came() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2, 0)
    work.event(CALL_HELPER, 5)
    work.event(CALL_NUMBERS, 77, 3, 11)
    assert lines(work) == [0, 5, 11]
    assert [name for name, *_ in state(work)["stack"][2][4]] == ["n"]


def test_a_resumption_says_from_which_line_it_came() -> None:
    work = Recorded()
    work.event(CALL_NUMBERS, 77, 3, 11)
    work.event(YIELD, 0)
    assert state(work)["suspended"][0][5] == 0
    work.event(RESUME_NUMBERS, 77, None, 12)
    assert lines(work) == [12]
    work.event(RESUME_NUMBERS, 77, None, 0)
    assert lines(work) == [12]
    work.event(RESUME_NUMBERS, 78, None, 13)
    assert lines(work) == [12, 13]


def test_a_frame_that_reenters_unseen_is_on_top() -> None:
    work = Recorded()
    work.event(CALL_FETCH, 9)
    work.event(AWAIT)
    work.feed(record(Control.SUSPEND, 9))
    work.event(CALL_WORK, 1, 2)
    work.feed(record(Control.REENTER, 9), record(Control.REENTER, 5))
    assert [frame[2] for frame in state(work)["stack"]] == [None, 9]
    assert events(work.rows().chunks[0])[-2:] == [[Control.REENTER, 9], [Control.REENTER, 5]]


def test_an_await_that_does_not_suspend_leaves_the_stack_alone() -> None:
    work = Recorded()
    work.event(CALL_FETCH, 9)
    work.event(AWAIT)
    work.event(RESUME_FETCH, 9, "at once")
    assert [frame[0] for frame in state(work)["stack"]] == [1]


def test_a_suspended_coroutine_takes_along_what_lies_above_it() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(CALL_FETCH, 9)
    work.event(AWAIT)
    work.event(CALL_FETCH, 10)
    work.event(AWAIT)
    work.feed(record(Control.SUSPEND, 9))
    after = state(work)
    assert [frame[2] for frame in after["stack"]] == [None]
    assert [frame[2] for frame in after["suspended"]] == [9, 10]
    work.event(RESUME_FETCH, 10, None)
    work.event(SET_ANSWER, 42)
    after = state(work)
    assert [frame[2] for frame in after["stack"]] == [None, 10]
    assert [frame[2] for frame in after["suspended"]] == [9]


def test_a_frame_that_resumes_beneath_others_is_on_top() -> None:
    work = Recorded()
    work.event(CALL_FETCH, 9)
    work.event(CALL_HELPER)
    work.event(RESUME_FETCH, 9, None)
    assert [frame[2] for frame in state(work)["stack"]] == [9]


@pytest.mark.parametrize(("count", "left"), [(0, 2), (1, 1), (2, 0), (9, 0)])
def test_unwinding_takes_frames_off_the_top(count: int, left: int) -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(CALL_HELPER)
    work.feed(record(Control.UNWIND, count))
    assert len(state(work)["stack"]) == left


def test_an_unknown_handle_suspends_nothing() -> None:
    work = Recorded()
    work.event(CALL_HELPER)
    work.feed(record(Control.SUSPEND, 123))
    assert len(state(work)["stack"]) == 1


def test_forgotten_generators_are_bounded() -> None:
    work = Recorded()
    for handle in range(SUSPENDED_KEPT + 2):
        work.event(CALL_NUMBERS, handle, 0)
        work.event(YIELD, None)
    handles = [frame[2] for frame in keyframe(work.state())["suspended"]]
    assert handles == [*range(2, SUSPENDED_KEPT + 2)]


def test_where_an_exception_was_first_seen_is_remembered() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(CALL_WORK, 1, 2)
    work.event(SEEN, key_error("k"), 3, False)
    work.event(FAILED, key_error("k"), 3, False)
    work.event(FAILED, key_error("k"), 3, True)
    assert work.session.follower.raised == (900, 3)


def test_fewer_values_than_parameters_are_taken_as_they_come() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1)
    assert state(work)["stack"][0][4] == [["a", 1, CALL_WORK, 1]]
