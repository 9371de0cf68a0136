"""What a name withholds, and what it does not."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rewind.capture import secrets
from tests.instrumented import record
from tests.value_strategies import texts
from tests.value_writers import SECRETS

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


@given(st.from_regex(secrets._CREDENTIALS) | texts, st.integers(0, 60))
def test_what_is_looked_for_first_is_in_every_credential(text: str, shown: int) -> None:
    found = secrets._CREDENTIALS.search(text)
    assert SECRETS.in_text(text, shown) == (
        len(text) >= 16 and found is not None and found.start() < shown
    )
