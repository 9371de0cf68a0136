from http import HTTPStatus

import pytest

from rewind.web.problems import Problem
from rewind.web.questions import LARGEST, Question


def refused(**given: str) -> str:
    with pytest.raises(Problem) as caught:
        ask(**given)
    assert caught.value.status == HTTPStatus.BAD_REQUEST
    return str(caught.value)


def ask(**given: str) -> tuple[object, ...]:
    asked = Question(given, "limit", "kind", "after", "status")
    return (
        asked.number("limit", 50, 500),
        asked.some_of("kind", ("call", "return")),
        asked.instant("after"),
        asked.one_of("status", ("error", "running")),
    )


def test_what_is_absent_or_empty_has_its_default() -> None:
    assert ask() == ask(limit="", kind="", after="", status="") == (50, frozenset(), None, None)


def test_what_is_given_is_read() -> None:
    assert ask(limit="7", kind="call,return", status="error", after="1970-01-01T00:00:01Z") == (
        7,
        frozenset(("call", "return")),
        1_000_000_000,
        "error",
    )


def test_a_number_beyond_the_most_counts_as_the_most() -> None:
    assert ask(limit="9999")[0] == 500


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1e3", "٣", "9" * 40, " 1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert "limit is a whole number" in refused(limit=text)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-01-01T00:00:00.123456Z", 1_767_225_600_123_456_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000_000_000),
        ("2026-01-01", 1_767_225_600_000_000_000),
        ("1969-12-31T23:59:59Z", -1_000_000_000),
        ("9999-12-31", LARGEST),
        ("0001-01-01", -LARGEST),
    ],
)
def test_a_time_without_a_zone_is_utc(text: str, ns: int) -> None:
    assert ask(after=text)[2] == ns


def test_a_misspelt_parameter_is_told_its_nearest_name() -> None:
    with pytest.raises(Problem, match="did you mean limit"):
        Question({"limt": "5"}, "limit", "kind")
    with pytest.raises(Problem, match="did you mean limit or kind"):
        Question({"zzz": "5"}, "limit", "kind")


def test_a_choice_that_is_none_is_refused_with_the_choices() -> None:
    assert "call, return" in refused(kind="call,jump")
    assert "'jump'" in refused(kind="call,jump")
    assert "error, running" in refused(status="lost")
    assert "after is a time" in refused(after="yesterday")


def test_a_question_without_parameters_takes_none() -> None:
    with pytest.raises(Problem, match="no parameter 'x'"):
        Question({"x": "1"})
