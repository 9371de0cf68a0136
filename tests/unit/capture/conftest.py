"""Both cores keep the same promises, so each test runs with each."""

import pytest

from tests import instrumented


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The core that records what the test records."""
    chosen: str = request.param
    monkeypatch.setattr(instrumented, "default_core", chosen)
    return chosen
