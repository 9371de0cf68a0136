import time
from collections.abc import Callable

import psycopg
import pytest

from rewind.store import Store, UnreachableDatabaseError, Watch, open_store, read_status
from tests import stored


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_a_commit_changes_the_token(store: Store, database: str) -> None:
    watch = Watch(store)
    writer = open_store(database, upgrade=True)
    first = watch.token()
    stored.put(writer, stored.batch())
    assert eventually(lambda: watch.token() != first)
    watch.close()
    writer.close()


def test_without_a_commit_the_token_stays(store: Store) -> None:
    stored.put(store, stored.batch())
    watch = Watch(store)
    first = watch.token()
    read_status(store)
    assert [watch.token() for _ in range(3)] == [first] * 3
    watch.close()


@pytest.mark.postgres
def test_a_server_that_went_away_is_told(postgres: str) -> None:
    store = open_store(postgres, upgrade=True)
    watch = Watch(store)
    with psycopg.connect(postgres, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(UnreachableDatabaseError):
        eventually(lambda: watch.token() < 0)
    watch.close()
    store.close()
