"""A session that grows is followed by several readers at once, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event as Flag
from threading import Thread

import pytest

from rewind.errors import NoSuchSessionError
from rewind.replay.archive import Archive
from rewind.replay.events import Event, EventQuery
from rewind.replay.session import Session
from rewind.store import Store, open_store
from tests.databases import database, postgres, postgres_server
from tests.unit.replay.stored import put
from tests.unit.replay.told import SESSION, Told

__all__ = ["database", "postgres", "postgres_server"]

ROUNDS = 40


class Reader(Thread):
    """Follows from a cursor, on connections of its own or on a shared archive's."""

    def __init__(self, archive: Archive, cursor: int = 0) -> None:
        super().__init__(daemon=True)
        self._archive = archive
        self._cursor = cursor
        self.numbers: list[int] = []

    def run(self) -> None:
        for event in self._archive.follow(SESSION, self._cursor):
            self.numbers.append(event.n)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(open_store(database, upgrade=True)) as opened:
        yield opened


def growing(told: Told) -> Callable[[], None]:
    """Return what makes the program go on for a while."""
    main = told.function("main")
    told.event("call", main)

    def go_on() -> None:
        for number in range(7):
            told.event("variable", main, number, name="x")

    return go_on


def test_each_reader_gets_each_event_once_and_in_order(database: str, store: Store) -> None:
    """More readers in one process than a pool has connections; some begin in the middle."""
    told = Told()
    go_on = growing(told)
    put(store, told, 16, status="running", duration_ns=None)
    with closing(Archive.open(database)) as archive, closing(Archive.open(database)) as other:
        readers = [Reader(archive) for _ in range(18)] + [Reader(other, cursor=5)]
        for reader in readers:
            reader.start()
        for _ in range(ROUNDS):
            go_on()
            put(store, told, 16, status="running", duration_ns=None)
        late = Reader(other)
        late.start()
        go_on()
        put(store, told, 16)
        for reader in (*readers, late):
            reader.join(60)
            assert not reader.is_alive()
    everything = list(range(1, told.last + 1))
    assert all(reader.numbers == everything for reader in (*readers[:-1], late))
    assert readers[-1].numbers == everything[5:]


def test_an_interrupted_reader_goes_on_at_its_cursor(database: str, store: Store) -> None:
    told = Told()
    go_on = growing(told)
    put(store, told, 4, status="running", duration_ns=None)
    with closing(Archive.open(database)) as archive:
        go_on()
        put(store, told, 4, status="running", duration_ns=None)
        seen = list[int]()
        for event in archive.follow(SESSION):
            seen.append(event.n)
            if len(seen) == 3:
                break
        go_on()
        put(store, told, 4)
        seen += [event.n for event in archive.follow(SESSION, seen[-1])]
    assert seen == list(range(1, told.last + 1))


def test_events_that_gave_way_before_they_were_read_are_left_out(
    database: str, store: Store
) -> None:
    told = Told()
    growing(told)()
    put(store, told, 4, first_event=5)
    with closing(Archive.open(database)) as archive:
        assert [event.n for event in archive.follow(SESSION)] == [5, 6, 7, 8]


def test_only_what_is_asked_for_is_given_and_nothing_of_it_twice(
    database: str, store: Store
) -> None:
    told = Told()
    go_on = growing(told)
    put(store, told, 4, status="running", duration_ns=None)
    with closing(Archive.open(database)) as archive:
        calls = EventQuery(kinds=frozenset(("call",)))
        following, seen = archive.follow(SESSION, query=calls), [1]
        assert next(following).n == 1
        for ends in (False, False, True):
            go_on()
            seen.append(told.event("call", 0))
            rest = {} if ends else {"status": "running", "duration_ns": None}
            put(store, told, 4, **rest)
            assert next(following).n == seen[-1]
        assert next(following, None) is None
        few = EventQuery(first=3, last=20, variable="x", limit=4)
        assert [event.n for event in archive.follow(SESSION, query=few)] == [3, 4, 5, 6]


def test_what_was_looked_through_for_a_value_is_not_looked_through_again(
    database: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, beginnings, events = Told(), list[int](), Session.events

    def watched(session: Session, query: EventQuery) -> Iterator[Event]:
        beginnings.append(query.first)
        return events(session, query)

    monkeypatch.setattr(Session, "events", watched)
    go_on = growing(told)
    with closing(Archive.open(database)) as archive:
        go_on()
        put(store, told, 4, status="running", duration_ns=None)
        following = archive.follow(SESSION, query=EventQuery(value="0"))
        assert next(following).n == 2
        go_on()
        put(store, told, 4, status="running", duration_ns=None)
        assert next(following).n == 9
    assert beginnings == [1, 9]


def test_a_reader_that_is_told_to_stop_ends(database: str, store: Store) -> None:
    told, stopped = Told(), Flag()
    growing(told)
    put(store, told, status="running", duration_ns=None)
    with closing(Archive.open(database)) as archive:
        for event in archive.follow(SESSION, stopped=stopped.is_set):
            assert event.n == 1
            stopped.set()


def test_a_session_that_is_not_there_is_refused(database: str, store: Store) -> None:
    put(store, Told(), status="running")
    with closing(Archive.open(database)) as archive, pytest.raises(NoSuchSessionError):
        archive.follow("fff")
