"""Events by their values, so many at a time."""

from pathlib import Path

import pytest

from rewind.replay import search
from rewind.replay.events import EventQuery
from rewind.replay.session import Session
from rewind.replay.text import one_line
from tests.unit.replay.stored import stored
from tests.unit.replay.told import SESSION, Told


def session(folder: Path) -> Session:
    """Twenty writes of a variable; every third is of 7."""
    told = Told()
    main = told.function("main")
    told.event("call", main)
    for n in range(20):
        told.event("variable", main, 7 if n % 3 == 0 else n + 100, name="x")
    return stored(folder, told, 4).session(SESSION)


@pytest.mark.parametrize("looked_at", [1, 5, 100])
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_answers_together_are_all_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at: int, limit: int
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", looked_at)
    one = session(tmp_path)
    found: list[int] = []
    following: int | None = 1
    while following is not None:
        page = search.within(one, EventQuery(first=following, last=18, value="7", limit=limit))
        assert len(page.events) <= limit
        found += [event.n for event in page.events]
        following = page.next
    every = one.events(EventQuery(last=18))
    assert found == [event.n for event in every if one_line(event.value) == "7"]


def test_a_session_that_has_no_such_events_has_no_next(tmp_path: Path) -> None:
    assert search.within(session(tmp_path), EventQuery(first=99, value="7")) == ((), None)
