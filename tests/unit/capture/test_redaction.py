"""What a name withholds, and what it does not."""

from pathlib import Path

from tests.instrumented import record

SOURCE = """
def known(token):
    if token in ("a", "b"):
        return 1
    return 0

known("b")
"""


def test_a_branch_tells_its_outcome_whatever_its_test_names(tmp_path: Path) -> None:
    """The site's name is the text of the whole test; the outcome is no value of what it names."""
    _, spool = record(tmp_path, SOURCE)
    (branch,) = spool.of("branch")
    (call,) = (one for one in spool.of("call") if one.function == "known")
    assert branch.payload == (True,)
    assert call.payload[0] != "b"
