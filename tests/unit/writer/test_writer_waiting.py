"""What waits for a flush is what the database would keep of it."""

from pathlib import Path
from random import Random

import pytest

from rewind.store import (
    Batch,
    Bounds,
    Session,
    SessionFilter,
    Store,
    open_store,
    read_sessions,
    retain,
)
from rewind.store.rows import COMPLETED, ERROR
from rewind.writer.session import Ending, OpenSession
from rewind.writer.settings import WriterSettings
from rewind.writer.waiting import Waiting
from tests import stored
from tests.unit.writer import recorded

SITES = recorded.sites()


def over(row: Session, *, is_stored: bool = False) -> OpenSession:
    """Return a session that is over."""
    session = OpenSession(row, SITES, WriterSettings("x"))
    session.end(Ending(row.status, 1))
    session.is_stored = is_stored
    return session


def some(count: int, chance: Random) -> Batch:
    """Return sessions in the order in which they end: some began long before, some failed."""
    batch = stored.ended(stored.batch(count))
    batch.chunks, batch.functions = [], []
    batch.sessions = [
        row._replace(
            start_ns=row.start_ns - chance.choice((0, 0, 0, 5, 50)),
            status=ERROR if chance.random() < share else COMPLETED,
        )
        for share in [chance.choice((0.0, 0.1, 0.5, 1.0))]
        for row in batch.sessions
    ]
    return batch


def kept(store: Store, bounds: Bounds, *batches: Batch) -> list[str]:
    """Store the batches; return the sessions that are left once the bounds are kept to."""
    for batch in batches:
        stored.put(store, batch)
    retain(store, bounds)
    return sorted(row.id for row in read_sessions(store, SessionFilter()))


@pytest.mark.parametrize("keep_longer", [(), ("error",)])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_let_go_of_would_have_been_removed(
    tmp_path: Path, seed: int, keep_longer: tuple[str, ...]
) -> None:
    """Whatever else is in the database."""
    chance = Random(seed)  # noqa: S311 - no secret
    bounds = Bounds(max_sessions=chance.choice((0, 1, 2, 7, 20)), keep_longer=keep_longer)
    others, batch = some(chance.choice((0, 10, 30)), chance), some(40, chance)
    waiting = Waiting(bounds)
    for row in batch.sessions:
        waiting.add(over(row))
    left = {session.row.id for session in waiting.take()}
    assert len(left) == bounds.max_sessions
    fewer = Batch(batch.recordings, batch.processes)
    fewer.sessions = [row for row in batch.sessions if row.id in left]
    answers = []
    for name, rows in (("all", batch), ("fewer", fewer)):
        store = open_store(f"sqlite:///{tmp_path}/{name}.db", upgrade=True)
        answers.append(kept(store, bounds, others, rows))
        store.close()
    assert answers[0] == answers[1]


def test_what_is_let_go_of_is_counted() -> None:
    waiting = Waiting(Bounds(max_sessions=1))
    first = over(recorded.session_row(id="first", start_ns=1, redacted=3))
    first.drop(2)
    first.follower.events = 5
    for session in (first, over(recorded.session_row(id="second", start_ns=2))):
        waiting.add(session)
    assert [session.row.id for session in waiting.take()] == ["second"]
    assert waiting.let_go[:4] == (1, 5, 2, 3)


def test_without_a_bound_all_wait() -> None:
    waiting = Waiting(Bounds())
    for number in range(100):
        waiting.add(over(recorded.session_row(id=str(number))))
    assert len(waiting) == len(waiting.take()) == 100
    assert waiting.take() == []


def test_what_is_stored_is_for_others_to_remove() -> None:
    """Somebody may have pinned it."""
    waiting = Waiting(Bounds(max_sessions=1))
    for number in range(3):
        waiting.add(over(recorded.session_row(id=f"{number}", start_ns=number), is_stored=True))
        waiting.add(over(recorded.session_row(id=f"new {number}", start_ns=number)))
    assert [session.row.id for session in waiting.take()] == ["0", "1", "2", "new 2"]


def test_what_is_discarded_waits_no_longer_unless_it_may_be_pinned() -> None:
    waiting = Waiting(Bounds(max_sessions=2))
    for number in range(2):
        waiting.add(over(recorded.session_row(id=f"new {number}", start_ns=number)))
    waiting.add(over(recorded.session_row(id="begun"), is_stored=True))
    assert not waiting.discard("new 0")
    assert waiting.discard("begun")
    assert waiting.discard("of an earlier flush")
    for number in range(2, 4):
        waiting.add(over(recorded.session_row(id=f"new {number}", start_ns=number)))
    assert [session.row.id for session in waiting.take()] == ["begun", "new 2", "new 3"]
