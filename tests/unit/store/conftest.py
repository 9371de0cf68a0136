from collections.abc import Iterator

import pytest

from rewind.store import Store, open_store
from tests.databases import database, postgres, postgres_server

__all__ = ["database", "postgres", "postgres_server", "store"]


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store of the current version."""
    opened = open_store(database, upgrade=True)
    yield opened
    opened.close()
