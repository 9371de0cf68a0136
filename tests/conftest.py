"""What every test stands on."""

import os

import pytest

_KEPT = ("REWIND_TEST_", "REWIND_CHROMIUM")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own settings and taste in colours decide nothing here."""
    for name in os.environ:
        if name.startswith("REWIND") and not name.startswith(_KEPT):
            monkeypatch.delenv(name)
    for name in ("OTEL_SERVICE_NAME", "XDG_CACHE_HOME", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
