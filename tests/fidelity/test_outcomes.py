"""What counts as a difference; a comparison that finds nothing would hide every bug."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity.outcomes import Outcomes, compare, dismiss, read_outcomes
from tests.fidelity.projects.suite import files_of

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


@pytest.mark.parametrize(
    "said",
    [
        "<object at 0x7f00112233{}, fd=1{}>",
        "child process pid 41{} is <Process pid=41{}>",
        "refused: ('127.0.0.1', 410{})",
        "Running on http://127.0.0.1:410{}/",
    ],
)
def test_addresses_and_numbers_that_the_system_hands_out_are_no_difference(
    written: Any, said: str
) -> None:
    plain = written({**PASSED, "error": said.format(44, 44)})
    recorded = written({**PASSED, "error": said.format(55, 55)})
    assert compare(plain, plain, recorded).differences == []


def test_how_long_a_suite_inside_of_a_test_took_is_no_difference(written: Any) -> None:
    def ended(line: str) -> Outcomes:
        return written({**PASSED, "output": [["stdout", line]]}, END)  # type: ignore[no-any-return]

    plain = ended("======= 1 passed in 9.98s ========")
    recorded = ended("=== 1 passed in 61.02s (0:01:01) ===")
    assert compare(plain, plain, recorded).differences == []
    assert compare(plain, plain, ended("======= 1 failed in 9.98s ========")).differences


def test_a_run_that_broke_off_is_not_finished(written: Any) -> None:
    assert not written(PASSED).finished
    assert written(PASSED, END).finished


def test_tests_that_a_broken_run_did_not_come_to_are_not_told_one_by_one(written: Any) -> None:
    plain = written(PASSED, {"test": "test_b", "outcome": "call: passed"}, END)
    assert compare(plain, plain, written(PASSED)).differences == []
    assert compare(plain, plain, written(PASSED, END)).differences


def test_a_difference_among_further_plain_runs_is_unstable(written: Any) -> None:
    plain, recorded = (
        written({**PASSED, "error": "at 1"}),
        written({**PASSED, "error": "at 2"}, END),
    )
    comparison = compare(plain, plain, recorded)
    reruns = [written({**PASSED, "error": "at 3"}, END), written({**PASSED, "error": "at 4"}, END)]
    assert dismiss(comparison, reruns) == ([], [("test_a", "error")])


def test_what_further_plain_runs_agree_on_stays_a_difference(written: Any) -> None:
    """Also where they are not what they were among others; one that broke off says nothing."""
    plain, recorded = (
        written({**PASSED, "error": "at 1"}),
        written({**PASSED, "error": "at 2"}, END),
    )
    comparison = compare(plain, plain, recorded)
    reruns = [written({**PASSED, "error": "at 3"}, END)] * 2
    assert dismiss(comparison, [*reruns, written({**PASSED, "error": "at 4"})]) == comparison


def test_files_of_tests_that_differ_are_run_once_more_in_their_order() -> None:
    tests = ["b/test_b.py::Case::test_1", "collection of c.py", "a.py::a", "b/test_b.py::test_2[x]"]
    assert files_of(tests) == ["b/test_b.py", "c.py", "a.py"]
