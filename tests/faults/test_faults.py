"""The bench of faults in small, and that it notices what it is there to notice."""

import shutil
from pathlib import Path
from random import Random

import pytest

from rewind.store import open_store
from tests.databases import database, postgres, postgres_server
from tests.faults import kept
from tests.faults.rounds import Plan, play
from tests.instrumented import CORES

__all__ = ["database", "postgres", "postgres_server"]


@pytest.mark.parametrize("core", CORES)
def test_what_was_published_is_stored_once_and_in_order(
    tmp_path: Path, database: str, core: str
) -> None:
    plan = Plan("small", database, core, kills=6, writers=4, longest=0.05)
    done = play(plan, tmp_path / "spool", Random(4))  # noqa: S311 - the same each time
    assert (done.killed, done.writers) == (6, 4)
    assert done.events > 4 * done.steps > 0


Stored = tuple[str, str, dict[int, int]]
"""The database's URL, the recording's id, and what was told."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[int, int]]:
    """A round that was stored."""
    folder = tmp_path_factory.mktemp("played")
    seen: list[tuple[str, dict[int, int]]] = []

    def remember(_: object, recording: str, told: dict[int, int]) -> int:
        seen.append((recording, dict(told)))
        return 0

    plan = Plan("small", f"sqlite:///{folder}/rewind.db", "auto", 2, 0, 0.2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.faults.rounds.check", remember)
        play(plan, folder / "spool", Random(1))  # noqa: S311
    ((recording, told),) = seen
    return folder / "rewind.db", recording, told


@pytest.fixture
def stored(played: tuple[Path, str, dict[int, int]], tmp_path: Path) -> Stored:
    """A copy of its database, to do harm to."""
    made, recording, told = played
    copy = tmp_path / "rewind.db"
    shutil.copy(made, copy)
    return f"sqlite:///{copy}", recording, told


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("DELETE FROM chunks WHERE first > 1", "events of"),
        ("UPDATE chunks SET first = first + 1 WHERE first > 1", "a chunk begins with"),
        ("UPDATE sessions SET dropped = 3", "events were dropped"),
        ("UPDATE sessions SET status = 'running'", "still runs"),
        ("UPDATE processes SET status = 'ended'", "has status ended"),
        ("UPDATE processes SET events = events - 1", "events"),
        ("UPDATE chunks SET data = (SELECT data FROM chunks AS o WHERE o.first > 1)", "chunk"),
    ],
)
def test_a_fault_in_the_database_is_noticed(stored: Stored, fault: str, why: str) -> None:
    url, recording, told = stored
    store = open_store(url, upgrade=False)
    try:
        assert kept.check(store, recording, told) > 4 * sum(told.values()) > 0
        with store.engine.begin() as connection:
            assert connection.exec_driver_sql(fault).rowcount
        with pytest.raises(kept.LostError, match=why):
            kept.check(store, recording, told)
    finally:
        store.close()


def test_a_step_that_was_told_of_and_is_not_there_is_noticed(stored: Stored) -> None:
    url, recording, told = stored
    store = open_store(url, upgrade=False)
    pid = max(told, key=lambda each: told[each])
    try:
        with pytest.raises(kept.LostError, match=f"told of {told[pid] + 2} steps"):
            kept.check(store, recording, told | {pid: told[pid] + 2})
        with pytest.raises(kept.LostError, match="are not there"):
            kept.check(store, recording, told | {1: 3})
        with pytest.raises(kept.LostError, match="the recording is not there"):
            kept.check(store, "0" * 32, told)
    finally:
        store.close()
