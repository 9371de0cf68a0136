import time
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from rewind.store import Store, UnreachableDatabaseError, Watch, open_store, read_status
from tests import stored
from tests.line import line_to


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def has_moved(watch: Watch, token: int) -> bool:
    return watch.token() != token


def test_a_commit_changes_the_token(store: Store, database: str) -> None:
    watch = Watch(store)
    writer = open_store(database, upgrade=True)
    first = watch.token()
    stored.put(writer, stored.batch())
    assert eventually(lambda: watch.token() != first)
    watch.close()
    writer.close()


def test_several_readers_hear_of_each_commit(store: Store, database: str) -> None:
    readers = [open_store(database) for _ in range(4)]
    watches = [Watch(reader) for reader in readers]
    for _ in range(3):
        before = [watch.token() for watch in watches]
        stored.put(store, stored.batch())
        for watch, token in zip(watches, before, strict=True):
            assert eventually(partial(has_moved, watch, token))
    for watch, reader in zip(watches, readers, strict=True):
        watch.close()
        reader.close()


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


@pytest.mark.postgres
def test_another_watch_goes_on_where_a_line_was_cut(postgres: str) -> None:
    writer = open_store(postgres, upgrade=True)
    with line_to(postgres) as line:
        store = open_store(line.url)
        watch = Watch(store)
        line.cut()
        with pytest.raises(UnreachableDatabaseError):
            eventually(lambda: watch.token() < 0)
        watch.close()
        with pytest.raises(UnreachableDatabaseError):
            Watch(store)
        line.mend()
        again = Watch(store)
        before = again.token()
        stored.put(writer, stored.batch())
        assert eventually(lambda: again.token() != before)
        again.close()
        store.close()
    writer.close()
