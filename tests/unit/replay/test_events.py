import pytest

from rewind.model.sites import GENERATOR
from rewind.model.values import Tag
from rewind.replay.events import Event, EventQuery
from rewind.replay.values import Opaque, Raised
from tests.unit.replay.told import Told

LOST = (Tag.EXCEPTION, 90, "builtins.KeyError", 1, "gold")
OWNER = (Tag.OPAQUE, 7, "shop.Order")


def only(kind: str, *payload: object, name: str | None = None, line: int = 1) -> Event:
    told = Told()
    main = told.function("main", "a")
    told.event("call", main, 0)
    told.event(kind, main, *payload, name=name, line=line)
    return told.events()[-1]


def test_a_calls_arguments_have_their_names() -> None:
    told = Told()
    items = told.function("items", "n", "rest", flavour=GENERATOR)
    told.event("call", items, 77, 2, (Tag.TUPLE, 1, 0))
    (event,) = told.events()
    assert [name for name, _ in event.arguments] == ["n", "rest"]
    assert event.arguments[0][1] == 2
    assert not event.has_value


def test_an_exception_is_named_by_its_type_and_stands_where_it_was_raised() -> None:
    event = only("exception", LOST, 12, False, [["/srv/shop.py", 12, "main"]], line=3)
    assert (event.name, event.line) == ("KeyError", 12)
    assert isinstance(event.value, Raised)
    assert event.traceback == (("/srv/shop.py", 12, "main"),)


def test_an_exception_whose_traceback_lacks_its_frame_stands_at_the_frames_event_before() -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main, 0)
    told.event("variable", main, 5, name="n", line=7)
    told.event("exception", main, LOST, 0, False, [], line=1)
    told.event("exception", main, LOST, 0, False, [], line=1)
    assert [event.line for event in told.events()][1:] == [7, 7, 7]


def test_an_exception_that_passes_through_has_no_traceback_of_its_own() -> None:
    event = only("exception", LOST, 12, True, None)
    assert event.passes_through
    assert event.traceback == ()


def test_a_resume_carries_what_was_sent_behind_its_handle() -> None:
    assert only("resume", 77, "sent").value == "sent"


def test_an_item_has_owner_key_and_value() -> None:
    event = only("item", OWNER, "a", 5, name="prices")
    assert event.owner == Opaque(7, "shop.Order")
    assert (event.has_key, event.key, event.value) == (True, "a", 5)


def test_an_attribute_has_an_owner_and_no_key() -> None:
    event = only("attribute", OWNER, 5, name="total")
    assert event.owner == Opaque(7, "shop.Order")
    assert (event.has_key, event.value) == (False, 5)


@pytest.mark.parametrize(
    ("payload", "owner", "has_key"),
    [((), None, False), ((OWNER,), Opaque(7, "shop.Order"), False), ((OWNER, "a"), ..., True)],
)
def test_a_deletion_is_of_a_name_an_attribute_or_an_item(
    payload: tuple[object, ...], owner: object, *, has_key: bool
) -> None:
    event = only("delete", *payload, name="a")
    assert event.has_key is has_key
    assert owner is ... or event.owner == owner


def wanted(query: EventQuery) -> list[str]:
    told = Told()
    main, pay = told.function("main", "code"), told.function("Shop.pay", "order")
    told.event("call", main, "x")
    told.event("variable", main, 1, name="order")
    told.event("call", pay, 5)
    told.event("attribute", pay, OWNER, 1, name="total")
    told.event("branch", pay, True, name="order", detail="if")
    told.event("return", pay, None)
    return [
        f"{event.kind} {event.place.scope.function.qualname}"
        for event in told.events()
        if query.wants(event.place)
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (EventQuery(kinds=frozenset(("return", "branch"))), ["branch Shop.pay", "return Shop.pay"]),
        (EventQuery(function="main"), ["call main", "variable main"]),
        (EventQuery(function="shop.main"), ["call main", "variable main"]),
        (EventQuery(function="*.pay", kinds=frozenset(("call",))), ["call Shop.pay"]),
        (EventQuery(function="MAIN"), []),
        (EventQuery(variable="order"), ["variable main", "call Shop.pay"]),
        (EventQuery(variable="total"), ["attribute Shop.pay"]),
        (EventQuery(variable="code"), ["call main"]),
    ],
)
def test_events_are_wanted_by_kind_function_and_variable(
    query: EventQuery, found: list[str]
) -> None:
    assert wanted(query) == found


def test_brackets_in_a_function_name_are_no_pattern() -> None:
    told = Told()
    told.event("call", told.function("f[0]"))
    assert EventQuery(function="f[0]").wants(told.events()[0].place)


@pytest.mark.parametrize(
    ("value", "wanted", "is_taken"),
    [
        (7, "7", True),
        (17, "7", False),
        (7.5, "7", False),
        (7.5, "7.5", True),
        (-7, "-7", True),
        ("a teapot", "tea", True),
        ("a teapot", "Tea", False),
        ("order 7 of 17", "7", True),
        ("7th", "7", False),
        (None, "None", True),
    ],
)
def test_events_are_found_by_what_they_tell(value: object, wanted: str, is_taken: bool) -> None:
    query = EventQuery(value=wanted)
    event = only("variable", value, name="x")
    assert query.wants(event.place)
    assert query.takes(event) is is_taken


def test_a_call_is_found_by_its_arguments_and_what_tells_nothing_is_not_looked_at() -> None:
    told = Told()
    pay = told.function("pay", "amount")
    told.event("call", pay, 40)
    told.event("loop", pay)
    call, loop = told.events()
    query = EventQuery(value="40")
    assert query.takes(call)
    assert not query.wants(loop.place)
