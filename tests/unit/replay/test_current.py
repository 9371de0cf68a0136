"""Variables as they are at a moment, whoever has changed them since they were written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rewind.replay import current
from rewind.replay.current import CurrentVariables
from rewind.replay.events import EventQuery
from rewind.replay.frames import Absence
from rewind.replay.natural import Json, natural
from rewind.replay.session import Session
from rewind.replay.watches import watched
from tests.instrumented import record
from tests.replayed import replayed


@contextmanager
def sessions(folder: Path, source: str) -> Iterator[list[Session]]:
    """Record a source; yield the sessions, the oldest first."""
    outcome, _ = record(folder, source)
    assert outcome.traceback == ""
    archive = replayed(folder, folder / "spool")
    try:
        yield [archive.session(facts.id) for facts in reversed(archive.sessions())]
    finally:
        archive.close()


def shown(session: Session, line: int, frame: int | None = None) -> dict[str, Json]:
    """Return a frame's variables at the last event of a line; uncertain ones in a pair."""
    *_, event = session.events(EventQuery(line=line))
    found = CurrentVariables(session).at(session.moment(event.n, frame))
    return {
        one.variable.name: natural(one.value)
        if one.since is None
        else [natural(one.value), one.since]
        for one in found
    }


GLOBAL = """total, gone = 0, 1
def add(x):
    global total, made, gone
    total += x
    made = [x]
    gone = 2
    del gone
add(1)
add(2)
done = 1
"""


def test_what_functions_bind_globally_is_the_modules(tmp_path: Path) -> None:
    with sessions(tmp_path, GLOBAL) as (session,):
        assert shown(session, 10) == {"total": 3, "made": [2], "done": 1}


COUNTER = """def counter():
    n = 0
    def inc():
        nonlocal n
        n += 1
    inc()
    inc()
    return inc
inc = counter()
"""


def test_what_an_inner_function_binds_is_the_outers(tmp_path: Path) -> None:
    with sessions(tmp_path, COUNTER) as (session,):
        assert shown(session, 8) == {"n": 2}


RECURSIVE = """def down(depth, inc):
    n = 0
    def own():
        nonlocal n
        n += 1
    if depth: down(depth - 1, inc or own)
    else: inc()
    return n
down(1, None)
"""


def test_which_frame_of_a_recursion_is_meant_is_uncertain(tmp_path: Path) -> None:
    with sessions(tmp_path, RECURSIVE) as (session,):
        n = shown(session, 8)["n"]
        assert isinstance(n, list)
        assert n[0] == 0


ALIASES = """class Box: pass
items, prices, box = [], {}, Box()
box.held = 1
def fill(them, each):
    them.append(1)
    each["tea"] = them
    box.held = 2
fill(items, prices)
done = 1
"""


def test_containers_are_as_others_have_left_them(tmp_path: Path) -> None:
    with sessions(tmp_path, ALIASES) as (session,):
        found = shown(session, 9)
        assert (found["items"], found["prices"]) == ([1], {"tea": [1]})
        assert isinstance(found["box"], dict)
        assert found["box"]["attributes"] == {"held": 2}


CHANGES = """class Box: pass
items, prices, box = [], {}, Box()
box.held = [1]
def fill(them, each):
    them.append(1)
    each["tea"] = them
    box.held[0] = 2
    other = box
    del other.held[0]
    other.held = None
    each.pop("tea")
    return them
fill(items, prices)
kept = items
items = [5]
done = 1
"""


def changes(session: Session, n: int) -> dict[str, tuple[int, Json]]:
    """Return of the module's variables the line of the last change, and what it then replaced."""
    found = CurrentVariables(session).at(session.moment(n, 1))
    return {
        one.variable.name: (
            session.event(one.last_change).line,
            None if isinstance(one.previous, Absence) else natural(one.previous),
        )
        for one in found
    }


def test_the_last_change_is_whoever_made_it(tmp_path: Path) -> None:
    with sessions(tmp_path, CHANGES) as (session,):
        at = {event.line: event.n for event in session.events()}
        assert changes(session, at[5])["items"] == (5, [])
        assert changes(session, at[6])["prices"] == (6, {})
        assert changes(session, at[7])["items"] == (5, None)
        (line, box) = changes(session, at[7])["box"]
        assert line == 7
        assert isinstance(box, dict)
        assert box["attributes"] == {"held": [1]}
        # Another name for an object changes nothing.
        assert changes(session, at[8])["box"] == (7, None)
        assert changes(session, at[9])["box"][0] == 9
        assert changes(session, at[10])["box"][0] == 10
        assert changes(session, at[11])["prices"] == (11, {"tea": [1]})
        assert changes(session, at[14])["items"] == (5, None)
        assert changes(session, at[15])["items"] == (15, [1])


def test_what_an_object_no_longer_holds_changes_it_no_longer(tmp_path: Path) -> None:
    source = "held = [1]\nbox = {'held': held}\nbox['held'] = 2\nheld.append(3)\ndone = 1\n"
    with sessions(tmp_path, source) as (session,):
        *_, last = session.events()
        assert {name: line for name, (line, _) in changes(session, last.n).items()} == {
            "held": 4,
            "box": 3,
            "done": 5,
        }


def test_a_container_of_long_ago_is_told_as_of_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "MOST_EVENTS", 3)
    with sessions(tmp_path, ALIASES) as (session,):
        assert shown(session, 9)["items"] == [[], 2]


TASKS = """import asyncio
total = 0
async def add():
    global total
    total += 1
async def main(): await asyncio.gather(add(), add())
asyncio.run(main())
done = 1
"""


def test_what_another_task_may_have_bound_is_uncertain(tmp_path: Path) -> None:
    with sessions(tmp_path, TASKS) as (session, *tasks):
        assert len(tasks) == 2
        total = shown(session, 8)["total"]
        assert isinstance(total, list)


def test_a_watched_global_is_what_functions_have_bound(tmp_path: Path) -> None:
    with sessions(tmp_path, GLOBAL) as (session,):
        *_, event = session.events(EventQuery(line=10))
        (answer,) = watched(session, ["total * 2"], event.n, None)
        assert answer.cell.value == 6
