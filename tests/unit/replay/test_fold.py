from rewind.model.events import Control
from rewind.model.sites import COROUTINE, GENERATOR
from rewind.replay.frames import stack_of, variables_of
from tests.unit.replay.told import Told, names, numbers, variables


def test_a_call_is_on_top_of_its_caller_with_its_arguments() -> None:
    told = Told()
    main, pay = told.function("main"), told.function("pay", "order", "code")
    told.event("call", main)
    n = told.event("call", pay, 7, "SPRING")
    event = told.events()[n - 1]
    assert names(event) == ["main", "pay"]
    assert variables(event) == {"order": 7, "code": "SPRING"}
    assert event.frame is not None
    assert (event.frame.number, event.frame.depth) == (n, 2)


def test_a_returning_frame_is_still_there_and_gone_with_the_next_event() -> None:
    told = Told()
    main, pay = told.function("main"), told.function("pay")
    told.event("call", main)
    told.event("call", pay)
    told.event("return", pay, 3)
    told.event("variable", main, 3, name="paid")
    _, _, returned, written = told.events()
    assert names(returned) == ["main", "pay"]
    assert names(written) == ["main"]


def test_recursion_keeps_each_frames_variables_apart() -> None:
    told = Told()
    factorial = told.function("factorial", "n")
    for n in (3, 2, 1):
        told.event("call", factorial, n)
    told.event("variable", factorial, 1, name="result")
    told.event("return", factorial, 1)
    told.event("variable", factorial, 2, name="result")
    events = told.events()
    assert numbers(events[3]) == [1, 2, 3]
    assert variables(events[3]) == {"n": 1, "result": 1}
    assert numbers(events[5]) == [1, 2]
    assert variables(events[5]) == {"n": 2, "result": 2}


def test_a_frame_leaves_by_an_exception_that_exits_only() -> None:
    told = Told()
    main, pay = told.function("main"), told.function("pay")
    told.event("call", main)
    told.event("call", pay)
    told.event("exception", pay, "lost", 5, False)
    told.event("exception", pay, "lost", 5, False, detail="exit")
    told.event("handled", main, "lost", name="error")
    noticed, exited, handled = told.events()[2:]
    assert names(noticed) == names(exited) == ["main", "pay"]
    assert names(handled) == ["main"]
    assert variables(handled) == {"error": "lost"}


def test_an_exception_goes_through_frames_one_by_one() -> None:
    told = Told()
    functions = [told.function(name) for name in ("main", "pay", "charge")]
    for function in functions:
        told.event("call", function)
    for function in reversed(functions):
        told.event("exception", function, "lost", 5, True, detail="exit")
    told.event("call", functions[0])
    depths = [len(numbers(event)) for event in told.events()]
    assert depths == [1, 2, 3, 3, 2, 1, 1]


def test_a_generator_leaves_at_yield_and_keeps_its_variables() -> None:
    told = Told()
    main, items = told.function("main"), told.function("items", "n", flavour=GENERATOR)
    told.event("call", main)
    told.event("call", items, 77, 2)
    told.event("variable", items, "a", name="item")
    told.event("yield", items, "a")
    told.event("loop", main)
    told.event("resume", items, 77, None)
    yielded, between, resumed = told.events()[3:]
    assert names(yielded) == ["main", "items"]
    assert names(between) == ["main"]
    assert numbers(resumed) == [1, 2]
    assert variables(resumed) == {"n": 2, "item": "a"}


def test_a_generator_may_be_resumed_by_another_caller() -> None:
    told = Told()
    main, take = told.function("main"), told.function("take")
    items = told.function("items", flavour=GENERATOR)
    told.event("call", main)
    told.event("call", items, 77)
    told.event("yield", items, 1)
    told.event("call", take)
    told.event("resume", items, 77, None)
    resumed = told.events()[-1]
    assert names(resumed) == ["main", "take", "items"]
    assert resumed.frame is not None
    assert resumed.frame.depth == 3


def test_an_awaiting_frame_stays_unless_it_is_suspended() -> None:
    told = Told()
    main = told.function("main", flavour=COROUTINE)
    told.event("call", main, 5)
    told.event("await", main)
    told.event("resume", main, 5, "done")
    told.event("return", main, None)
    assert [numbers(event) for event in told.events()] == [[1]] * 4


def test_a_suspended_frame_takes_all_above_it_along() -> None:
    told = Told()
    outer = told.function("outer", flavour=COROUTINE)
    inner = told.function("inner", flavour=COROUTINE)
    plain, other = told.function("plain"), told.function("other")
    told.event("call", outer, 5)
    told.event("await", outer)
    told.event("call", inner, 6)
    told.event("call", plain)
    told.control(Control.SUSPEND, 5)
    told.event("call", other)
    told.event("return", other, None)
    told.event("resume", inner, 6, None)
    events = told.events()
    assert names(events[4]) == ["other"]
    assert names(events[6]) == ["inner"]


def test_what_awaits_is_below_again_when_it_reenters() -> None:
    told = Told()
    outer = told.function("outer", flavour=COROUTINE)
    inner = told.function("inner", flavour=COROUTINE)
    told.event("call", outer, 5)
    told.event("call", inner, 6)
    told.event("await", inner)
    told.control(Control.SUSPEND, 5)
    told.control(Control.REENTER, 5)
    told.event("resume", inner, 6, "row")
    told.event("return", inner, "row")
    told.event("resume", outer, 5, "row")
    resumed, returned, outermost = told.events()[3:]
    assert names(resumed) == names(returned) == ["outer", "inner"]
    assert names(outermost) == ["outer"]


def test_an_unknown_handle_that_reenters_changes_nothing() -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    told.control(Control.REENTER, 99)
    told.event("loop", main)
    assert names(told.events()[-1]) == ["main"]


def test_unwinding_takes_that_many_frames_and_no_more_than_there_are() -> None:
    told = Told()
    main, pay = told.function("main"), told.function("pay")
    told.event("call", main)
    told.event("call", pay)
    told.event("call", pay)
    told.control(Control.UNWIND, 2)
    told.event("loop", main)
    told.control(Control.UNWIND, 9)
    told.event("call", pay)
    events = told.events()
    assert names(events[3]) == ["main"]
    assert names(events[4]) == ["pay"]


def test_a_frame_from_another_session_begins_with_its_resume() -> None:
    told = Told()
    items = told.function("items", "n", flavour=GENERATOR)
    n = told.event("resume", items, 77, None)
    told.event("variable", items, 1, name="item")
    event = told.events()[-1]
    assert numbers(event) == [n]
    assert variables(event) == {"item": 1}


def test_a_resumed_frame_that_never_left_is_on_top_again() -> None:
    told = Told()
    outer = told.function("outer", flavour=COROUTINE)
    lost = told.function("lost")
    told.event("call", outer, 5)
    told.event("call", lost)
    told.event("resume", outer, 5, None)
    assert names(told.events()[-1]) == ["outer"]


def test_an_event_of_another_function_leaves_the_stack_alone() -> None:
    told = Told()
    main, lost = told.function("main"), told.function("lost")
    told.event("call", main)
    told.event("return", lost, 1)
    told.event("variable", main, 2, name="x")
    _, stray, written = told.events()
    assert stray.frame is None
    assert names(stray) == ["main"]
    assert variables(written) == {"x": 2}


def test_an_event_on_an_empty_stack_is_kept() -> None:
    told = Told()
    told.event("loop", told.function("main"))
    (event,) = told.events()
    assert event.top is None
    assert event.n == 1


def test_variables_come_in_the_order_of_their_first_writes() -> None:
    told = Told()
    main = told.function("main", "a")
    told.event("call", main, 0)
    for name, value in (("b", 1), ("c", 2), ("a", 3), ("b", 4)):
        told.event("variable", main, value, name=name)
    assert list(variables(told.events()[-1]).items()) == [("a", 3), ("b", 4), ("c", 2)]


def test_a_deleted_name_is_gone_and_begins_anew() -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    told.event("variable", main, 1, name="a")
    told.event("variable", main, 2, name="b")
    told.event("delete", main, name="a")
    told.event("variable", main, 3, name="a")
    deleted, again = told.events()[3:]
    assert variables(deleted) == {"b": 2}
    assert list(variables(again).items()) == [("b", 2), ("a", 3)]
    assert again.top is not None
    assert variables_of(again.top)[-1].previous is None


def test_a_deleted_attribute_leaves_the_variable_of_its_name() -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    told.event("variable", main, 1, name="total")
    told.event("delete", main, (7, 1, "shop.Order"), name="total")
    assert variables(told.events()[-1]) == {"total": 1}


def test_a_change_in_place_is_a_write_and_knows_what_was_before() -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    told.event("variable", main, (1, 100, 0), name="items")
    told.event("mutate", main, (1, 100, 1, "tea"), name="items", detail="append")
    event = told.events()[-1]
    assert event.top is not None
    (items,) = variables_of(event.top)
    assert items.n == 3
    assert items.previous is not None
    assert items.previous.value == (1, 100, 0)


def test_a_frame_below_stands_at_its_own_latest_event() -> None:
    told = Told()
    main, pay = told.function("main"), told.function("pay")
    told.event("call", main, line=1)
    told.event("variable", main, 1, name="a", line=4)
    told.event("call", pay, line=11)
    told.event("variable", pay, 1, name="a", line=12)
    lines = [frame.latest.site.line for frame in stack_of(told.events()[-1].top)]
    assert lines == [12, 4]


def test_a_recursion_of_thousands_is_folded() -> None:
    told = Told()
    dive = told.function("dive", "n")
    for n in range(5000):
        told.event("call", dive, n)
    event = told.events(1000)[-1]
    assert event.frame is not None
    assert event.frame.depth == 5000
    assert numbers(event) == list(range(1, 5001))
