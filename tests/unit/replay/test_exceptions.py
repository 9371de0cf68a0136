from pathlib import Path

import pytest

from rewind.errors import NoSuchEventError
from rewind.model.values import Tag
from rewind.replay.exceptions import Way, way_of
from rewind.replay.session import Session
from tests.unit.replay import stored as storage
from tests.unit.replay.told import FILE, SESSION, Told

SIZES = pytest.mark.parametrize("size", [1, 4096])
SOURCE = """\
def main():
    try:
        pay()
    except KeyError as error:
        {raising}
    finally:
        done()

def pay():
    {{}}["gold"]
"""


def lost(identity: int, kind: str = "KeyError") -> tuple[object, ...]:
    return (Tag.EXCEPTION, identity, f"builtins.{kind}", 1, "gold")


def told_shop() -> Told:
    """`pay` fails, `main` handles that and fails itself, and nobody takes the second one."""
    told = Told()
    main, pay = told.function("main"), told.function("pay")
    told.event("call", main, line=1)
    told.event("call", pay, line=9)
    told.event("exception", pay, lost(90), 10, False, [[FILE, 10, "pay"]], detail="exit", line=9)
    told.event("exception", main, lost(90), 3, True, None, detail="finally", line=4)
    told.event("handled", main, lost(90), name="error", line=4)
    other = lost(91, "ValueError")
    told.event("exception", main, other, 5, False, [[FILE, 5, "main"]], detail="finally", line=6)
    told.event("exception", main, other, 5, True, None, detail="exit", line=1)
    return told


def shop(folder: Path, monkeypatch: pytest.MonkeyPatch, raising: str, size: int = 4096) -> Session:
    monkeypatch.setattr(storage, "SOURCE", SOURCE.format(raising=raising).encode())
    return storage.stored(folder, told_shop(), size).session(SESSION)


def steps(way: Way) -> list[tuple[int, str]]:
    return [(step.event.n, step.what) for step in way.steps]


def earlier(way: Way) -> list[tuple[int, str]]:
    return [(each.event.n, each.relation) for each in way.earlier]


@SIZES
def test_an_exceptions_way_leads_from_where_it_was_raised_to_who_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    session = shop(tmp_path, monkeypatch, "raise ValueError()", size)
    way = way_of(session, 3)
    assert steps(way) == [(3, "raised"), (4, "passed"), (5, "handled")]
    assert earlier(way) == []
    assert way_of(session, 4) == way_of(session, 5) == way


@SIZES
def test_one_that_nobody_took_ends_where_it_left_the_last_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    session = shop(tmp_path, monkeypatch, "raise ValueError()", size)
    assert steps(way_of(session, 6)) == [(6, "raised"), (7, "left")]


@pytest.mark.parametrize(
    ("raising", "relation"),
    [
        ("raise ValueError()", "context"),
        ("raise ValueError() from error", "cause"),
        ("raise ValueError() from other", "context"),
        ("raise ValueError() from None", "suppressed"),
    ],
)
def test_what_was_being_handled_is_told_with_what_the_source_says_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raising: str, relation: str
) -> None:
    session = shop(tmp_path, monkeypatch, raising)
    assert earlier(way_of(session, 6)) == [(3, relation)]


def test_a_clause_that_is_over_handles_nothing_any_more(tmp_path: Path) -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main, line=1)
    told.event("handled", main, lost(90), name="error", line=4)
    told.event("exception", main, lost(91), 8, False, [[FILE, 8, "main"]], line=1)
    session = storage.stored(tmp_path, told).session(SESSION)
    # All lines of the usual source are indented alike: none lies in a block of another.
    assert earlier(way_of(session, 3)) == []


def test_an_event_of_no_exception_has_no_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = shop(tmp_path, monkeypatch, "raise ValueError()")
    with pytest.raises(NoSuchEventError, match=r"event 1 of session .* is none of an exception"):
        way_of(session, 1)
