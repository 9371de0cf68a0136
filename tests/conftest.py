"""What every test stands on."""

import gc
import os
import signal

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_KEPT = ("REWIND_TEST_", "REWIND_CHROMIUM")


def pytest_configure() -> None:
    """Have Ctrl-C work here and in what is started, also where a shell runs the tests behind it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> None:
    """Let the collector pass over what the tests themselves are made of: they call it often."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own settings and taste in colours decide nothing here."""
    for name in os.environ:
        if name.startswith("REWIND") and not name.startswith(_KEPT):
            monkeypatch.delenv(name)
    for name in ("OTEL_SERVICE_NAME", "XDG_CACHE_HOME", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
