"""Sessions that were started from one another."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rewind import store
from rewind.replay import family
from rewind.replay.archive import Archive
from rewind.replay.family import family_of
from tests import stored
from tests.unit.replay.stored import OPENED

PARENTS = {1: 0, 2: 0, 3: 1, 4: 3, 6: 5}
"""Who started whom, by the order in which they began; 0 and 5 were started by nobody."""


def archive_of(folder: Path, parents: Mapping[int, int]) -> tuple[Archive, list[str]]:
    """Return an archive of seven sessions, and their ids in the order in which they began."""
    url = f"sqlite:///{folder}/rewind.db"
    database = store.open_store(url, upgrade=True)
    batch = stored.batch(7)
    ids = [session.id for session in batch.sessions]
    batch.sessions = [
        session._replace(parent_id=ids[parents[at]] if at in parents else None)
        for at, session in enumerate(batch.sessions)
    ]
    stored.put(database, batch)
    database.close()
    archive = Archive.open(url)
    OPENED.append(archive)
    return archive, ids


def told(archive: Archive, ids: list[str], at: int) -> tuple[list[int], bool]:
    found = family_of(archive, archive.session(ids[at]).facts)
    return [ids.index(session.id) for session in found.sessions], found.complete


@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_family_is_the_same_whoever_is_asked(tmp_path: Path, at: int) -> None:
    archive, ids = archive_of(tmp_path, PARENTS)
    assert told(archive, ids, at) == ([0, 1, 3, 4, 2], True)


def test_who_started_nobody_and_was_started_by_nobody_is_alone(tmp_path: Path) -> None:
    archive, ids = archive_of(tmp_path, {1: 0})
    assert told(archive, ids, 5) == ([5], True)


def test_a_parent_that_is_gone_leaves_the_rest(tmp_path: Path) -> None:
    archive, ids = archive_of(tmp_path, PARENTS)
    archive.remove(ids[0])
    assert told(archive, ids, 4) == ([1, 3, 4], True)


def test_of_a_large_family_the_first_are_told_and_who_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, ids = archive_of(tmp_path, dict.fromkeys(range(1, 7), 0))
    monkeypatch.setattr(family, "MOST", 3)
    assert told(archive, ids, 6) == ([0, 1, 2, 6], False)
