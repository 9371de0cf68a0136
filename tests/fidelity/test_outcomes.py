"""What counts as a difference; a comparison that finds nothing would hide every bug."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity.outcomes import Outcomes, compare, read_outcomes

PASSED = {"test": "test_a", "outcome": "call: passed"}
END: dict[str, object] = {"loaded": ["a"], "seconds": 1.0}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(*lines: dict[str, object]) -> Outcomes:
        path = tmp_path / "outcomes.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return read_outcomes(path)

    return write


@pytest.mark.parametrize(
    "recorded",
    [
        {"test": "test_a", "outcome": "call: failed"},
        {"test": "test_a", "outcome": "call: passed", "error": "TypeError: no"},
        {"test": "test_a", "outcome": "call: passed", "output": [["stdout", "one word"]]},
        {"test": "test_b", "outcome": "call: passed"},
    ],
    ids=["outcome", "error", "output", "another test"],
)
def test_what_changed_is_a_difference(written: Any, recorded: dict[str, object]) -> None:
    plain = written(PASSED)
    assert compare(plain, plain, written(recorded, END)).differences


def test_a_new_warning_is_a_difference(written: Any) -> None:
    plain = written(PASSED)
    recorded = written(PASSED, END, {"test": "test_a", "warning": "DeprecationWarning: (a.py:1)"})
    [difference] = compare(plain, plain, recorded).differences
    assert (difference.test, difference.aspect) == ("test_a", "warning")


def test_the_same_in_all_runs_is_none(written: Any) -> None:
    plain = written(PASSED)
    comparison = compare(plain, plain, plain)
    assert (comparison.differences, comparison.unstable) == ([], [])


def test_what_plain_runs_differ_in_is_unstable_and_nothing_else_of_the_test(written: Any) -> None:
    plain = written({**PASSED, "error": "at 1"})
    again = written({**PASSED, "error": "at 2"})
    recorded = written({"test": "test_a", "outcome": "call: failed", "error": "at 3"})
    comparison = compare(plain, again, recorded)
    assert [difference.aspect for difference in comparison.differences] == ["outcome"]
    assert comparison.unstable == [("test_a", "error")]


def test_addresses_are_no_difference(written: Any) -> None:
    plain = written({**PASSED, "error": "<object at 0x7f0011223344>"})
    recorded = written({**PASSED, "error": "<object at 0x7f0055667788>"})
    assert compare(plain, plain, recorded).differences == []


def test_a_run_that_broke_off_is_not_finished(written: Any) -> None:
    assert not written(PASSED).finished
    assert written(PASSED, END).finished


def test_tests_that_a_broken_run_did_not_come_to_are_not_told_one_by_one(written: Any) -> None:
    plain = written(PASSED, {"test": "test_b", "outcome": "call: passed"}, END)
    assert compare(plain, plain, written(PASSED)).differences == []
    assert compare(plain, plain, written(PASSED, END)).differences
