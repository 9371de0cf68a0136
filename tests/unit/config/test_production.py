"""Where the environment says production, and what that means."""

import pytest

from rewind.config import PRODUCTION_VARIABLES, production_said_by, refusal


@pytest.mark.parametrize("name", PRODUCTION_VARIABLES)
@pytest.mark.parametrize("value", ["production", "Prod", " LIVE "])
def test_each_variable_says_it(name: str, value: str) -> None:
    assert production_said_by({"PATH": "/bin", name: value}) == f"{name}={value}"


@pytest.mark.parametrize("value", ["", "development", "staging", "preproduction"])
def test_other_values_do_not(value: str) -> None:
    assert production_said_by({"APP_ENV": value, "ENV": value}) is None


def test_rewinds_own_variable_speaks_for_all() -> None:
    assert production_said_by({"REWIND_ENV": "staging", "ENV": "production"}) is None
    assert production_said_by({"REWIND_ENV": "", "ENV": "production"}) == "ENV=production"


def test_it_is_refused_until_somebody_says_so() -> None:
    why = refusal({"ENV": "production"}, enabled=False)
    assert why is not None
    assert why.startswith("ENV=production")
    assert refusal({"ENV": "production"}, enabled=True) is None
    assert refusal({"ENV": "test"}, enabled=False) is None
