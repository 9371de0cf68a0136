"""Where a chunk begins must not show: a state is the same, from its keyframe or the beginning."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rewind.model.events import Control
from rewind.model.sites import COROUTINE, GENERATOR
from rewind.replay.events import Event
from rewind.replay.frames import stack_of, variables_of
from tests.unit.replay.told import Told

HANDLES = st.integers(1, 4)
NAMES = st.sampled_from("abc")
PLAIN_FUNCTION, OTHER, RESUMABLE, AWAITING = range(4)
FUNCTIONS = st.sampled_from((PLAIN_FUNCTION, OTHER, RESUMABLE, AWAITING))

STEPS = st.one_of(
    st.tuples(st.just("call"), FUNCTIONS, HANDLES, st.integers(0, 9)),
    st.tuples(
        st.sampled_from(("variable", "mutate", "handled")), FUNCTIONS, NAMES, st.integers(0, 99)
    ),
    st.tuples(st.just("delete"), FUNCTIONS, NAMES),
    st.tuples(st.sampled_from(("return", "yield", "exit", "await", "loop")), FUNCTIONS),
    st.tuples(st.just("resume"), st.sampled_from((RESUMABLE, AWAITING)), HANDLES),
    st.tuples(st.sampled_from((Control.SUSPEND, Control.REENTER)), HANDLES),
    st.tuples(st.just(Control.UNWIND), st.integers(0, 3)),
)


def tell(told: Told, step: tuple[Any, ...]) -> None:
    match step:
        case (Control() as control, number):
            told.control(control, number)
        case ("call", function, handle, argument):
            resumable = function in (RESUMABLE, AWAITING)
            told.event("call", function, *((handle,) if resumable else ()), argument)
        case (kind, function, name, value):
            told.event(kind, function, value, name=name)
        case ("delete", function, name):
            told.event("delete", function, name=name)
        case ("resume", function, handle):
            told.event("resume", function, handle, None)
        case ("exit", function):
            told.event("exception", function, None, 3, False, detail="exit")
        case ("return" | "yield" as kind, function):
            told.event(kind, function, None)
        case (kind, function):
            told.event(kind, function)


def state(event: Event) -> object:
    frames = [
        (
            frame.number,
            frame.depth,
            frame.opened,
            frame.latest,
            [
                (v.name, v.n, v.value, v.previous.value if v.previous and v.n == event.n else None)
                for v in variables_of(frame)
            ],
        )
        for frame in stack_of(event.top)
    ]
    return event.n, event.record, event.frame is not None, frames


@given(st.lists(STEPS, max_size=60), st.sampled_from((1, 2, 3, 7)))
def test_a_state_is_the_same_from_its_keyframe_and_from_the_beginning(
    steps: list[tuple[Any, ...]], size: int
) -> None:
    told = Told()
    for name, flavour in (("f", 0), ("g", 0), ("items", GENERATOR), ("fetch", COROUTINE)):
        told.function(name, "a", flavour=flavour)
    for step in steps:
        tell(told, step)
    assert [*map(state, told.events(size))] == [*map(state, told.events())]
