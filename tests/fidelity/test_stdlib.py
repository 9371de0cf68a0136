"""What counts as explained; an explanation that nothing needs would hide the next bug."""

import pytest

from tests.fidelity.outcomes import Comparison, Difference
from tests.fidelity.stdlib import modules
from tests.fidelity.stdlib.modules import Explained
from tests.fidelity.stdlib.running import Result

OF_THIS = "test.test_this.Case"
DIFFERS = Difference(f"{OF_THIS}.test_line", "outcome", ("passed",), ("failed",))


def judged(explanations: Explained, *differences: Difference, ran: str = "test_line") -> Result:
    result = Result("test_this", "3.12")
    result.judge(Comparison([*differences], []), {f"{OF_THIS}.{ran}"}, explanations)
    return result


def test_a_difference_that_is_not_explained_is_told() -> None:
    result = judged(Explained({f"{OF_THIS}.test_other": "why"}, {}), DIFFERS)
    assert result.differences == [DIFFERS]
    assert not result.holds


@pytest.mark.parametrize("entry", [DIFFERS.test, f"{OF_THIS}.*"])
def test_a_difference_may_be_explained(entry: str) -> None:
    result = judged(Explained({entry: "why", "test.test_that.Case.test_line": "why"}, {}), DIFFERS)
    assert (result.known, result.holds) == ({DIFFERS.test}, True)


@pytest.mark.parametrize("ran", ["test_line", "test_renamed"])
def test_an_explanation_that_explains_nothing_fails(ran: str) -> None:
    """Whether the test is as it is without Rewind, or there is no such test."""
    result = judged(Explained({DIFFERS.test: "why"}, {}), ran=ran)
    assert result.needless == [DIFFERS.test]
    assert not result.holds


@pytest.mark.parametrize(("ran", "holds"), [("test_line", True), ("test_renamed", False)])
def test_what_is_left_out_has_to_be_there(ran: str, holds: bool) -> None:
    assert judged(Explained({}, {DIFFERS.test: "why"}), ran=ran).holds is holds


def test_every_entry_is_about_a_module_that_is_run() -> None:
    """An entry about another would never be asked whether it is still needed."""
    for version in ("3.11", "3.12", "3.13"):
        for core in ("native", "python"):
            told = modules.explained(version, core)
            named = {entry.split(".")[1] for entry in [*told.differing, *told.left_out]}
            assert named <= modules.test_modules().keys()
