"""Where two sessions part: on stored sessions, told event by event."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from rewind.model.values import Omission, Redaction, Tag
from rewind.replay.difference import Comparison, Difference, Pair, difference
from rewind.replay.session import Session
from rewind.replay.shapes import shape
from rewind.replay.values import parse
from tests.unit.replay.stored import stored
from tests.unit.replay.told import SESSION, Told

Telling = Callable[[Told, int], None]


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Session]:
    """Stores what a function tells, in a database of its own, and opens it."""
    number = count()

    def store(*values: object, size: int = 4096, tell: Telling | None = None) -> Session:
        program = Told()
        main = program.function("main")
        program.event("call", main)
        for value in values:
            program.event("variable", main, value, name="total", line=2)
        if tell is not None:
            tell(program, main)
        program.event("return", main, None)
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return stored(folder, program, size).session(SESSION)

    return store


def a_list(identity: int, *items: object) -> tuple[object, ...]:
    return (int(Tag.LIST), identity, len(items), *items)


def test_sessions_that_say_the_same_do_not_differ(told: Callable[..., Session]) -> None:
    """Objects are others in every run, and chunks are cut elsewhere."""
    one, other = told(1, a_list(7, "a"), size=2), told(1, a_list(8, "a"), size=3)
    assert difference(one, other) == Comparison(4, None, None)


def test_the_first_other_value_is_the_difference(told: Callable[..., Session]) -> None:
    found = difference(told(1, 2, 3), told(1, 5, 3))
    assert found == Comparison(2, Difference("value", 3, 3, Pair(4, 4)), None)


def test_the_next_difference_is_looked_for_behind_the_first(told: Callable[..., Session]) -> None:
    one, other = told(1, 2, 3, 4), told(1, 5, 3, 6)
    first = difference(one, other).difference
    assert first is not None
    assert first.joins is not None
    second = difference(one, other, first.joins)
    assert second.difference == Difference("value", 5, 5, Pair(6, 6))
    assert second.same == 1


def test_a_step_that_only_one_took_is_gone_round(told: Callable[..., Session]) -> None:
    def also(program: Told, main: int) -> None:
        program.event("branch", main, True, name="total > 9", line=3)
        steps(program, main)

    def steps(program: Told, main: int) -> None:
        for line in (4, 5, 6):
            program.event("variable", main, line, name="step", line=line)

    one, other = told(1, tell=also), told(1, tell=steps)
    found = difference(one, other)
    assert found.difference == Difference("step", 3, 3, Pair(4, 3))
    assert difference(one, other, Pair(4, 3)) == Comparison(4, None, None)


def test_ways_that_do_not_meet_say_so(told: Callable[..., Session]) -> None:
    def one_way(program: Told, main: int) -> None:
        program.event("exception", main, (int(Tag.EXCEPTION), 9, "builtins.KeyError", 0), 5, False)

    parts = difference(told(1, tell=one_way), told(1, 2)).difference
    assert parts is not None
    assert (parts.what, parts.n, parts.other) == ("step", 3, 3)
    # Both return at last.
    assert parts.joins == Pair(4, 4)


def test_one_that_has_no_more_events_is_at_its_end(told: Callable[..., Session]) -> None:
    whole = told(1)
    begun = told(1)
    begun.facts = begun.facts._replace(events=2)
    assert difference(whole, begun).difference == Difference("end", 3, None, None)
    assert difference(begun, whole).difference == Difference("end", None, 3, None)


def test_where_time_is_over_it_says_where_to_go_on(told: Callable[..., Session]) -> None:
    values = list(range(1200))
    one, other = told(*values), told(*values, "more")
    found, looked = difference(one, other, longest_s=0), 0
    while found.next is not None:
        assert found.difference is None
        looked += found.same
        found = difference(one, other, found.next, longest_s=0)
    assert looked + found.same == 1201
    assert found.difference is not None
    assert (found.difference.n, found.difference.other) == (1202, 1202)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        (float("nan"), float("nan"), True),
        (a_list(1, 1, 2), a_list(2, 1, 2), True),
        (a_list(1, 1, 2), a_list(1, 2, 1), False),
        ((Tag.SET, 1, 2, "a", "b"), (Tag.SET, 2, 2, "b", "a"), True),
        ((Tag.SET, 1, 2, "a", "b"), (Tag.SET, 2, 2, "b", "c"), False),
        ((Tag.TUPLE, 1, 1, 1), (Tag.LIST, 1, 1, 1), False),
        ((Tag.DICT, 1, 1, "a", a_list(5)), (Tag.DICT, 2, 1, "a", a_list(6)), True),
        ((Tag.DICT, 1, 1, "a", 1), (Tag.DICT, 1, 1, "b", 1), False),
        ((Tag.INSTANCE, 1, "m.A", 1, "x", 1), (Tag.INSTANCE, 2, "m.A", 1, "x", 1), True),
        ((Tag.INSTANCE, 1, "m.A", 1, "x", 1), (Tag.INSTANCE, 1, "m.B", 1, "x", 1), False),
        ((Tag.EXCEPTION, 1, "E", 1, "x"), (Tag.EXCEPTION, 2, "E", 1, "x"), True),
        ((Tag.EXCEPTION, 1, "E", 1, "x"), (Tag.EXCEPTION, 1, "E", 1, "y"), False),
        ((Tag.OPAQUE, 1, "m.A"), (Tag.OPAQUE, 2, "m.A"), True),
        ((Tag.FUNCTION, 1, "m.f"), (Tag.FUNCTION, 2, "m.f"), True),
        ((Tag.FUNCTION, 1, "m.f"), (Tag.TYPE, 1, "m.f"), False),
        ((Tag.TEXT, 900, "begin"), (Tag.TEXT, 900, "begin"), True),
        ((Tag.TEXT, 900, "begin"), (Tag.TEXT, 901, "begin"), False),
        ((Tag.KNOWN, 1, "datetime.date", "x"), (Tag.KNOWN, 2, "datetime.date", "x"), True),
        ((Tag.REDACTED, Redaction.NAME, "builtins.str"), "secret", False),
        ((Tag.OMITTED, Omission.DEPTH), (Tag.OMITTED, Omission.DEPTH), True),
        ((Tag.SEEN, 1), (Tag.SEEN, 2), True),
    ],
)
def test_values_are_compared_by_what_they_say(one: object, other: object, same: bool) -> None:
    assert (shape(parse(one)) == shape(parse(other))) is same
