"""What the tests of replay stand on."""

from collections.abc import Iterator

import pytest

from tests.unit.replay.stored import OPENED


@pytest.fixture(autouse=True)
def closed_archives() -> Iterator[None]:
    """Close what the test opened: since 3.13 a connection that is only dropped is a warning."""
    yield
    for archive in OPENED:
        archive.close()
