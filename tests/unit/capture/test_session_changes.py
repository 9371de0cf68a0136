"""A session that changes in the middle of a function: each event is in the one that it comes in.

The function's own events are numbers, of which a core asks as little as it can.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.instrumented import CORES, Recording, recording, run, write

SOURCE = """\
def work(change):
    a = 1
    a = 2
    change()
    b = 3
    b = 4
    change()
    c = 5
    c = 6
    return 7

def around(change):
    d = 8
    work(change)
    d = 9
"""


@contextmanager
def made(folder: Path) -> Iterator[tuple[Recording, Callable[..., object]]]:
    path = write(folder, SOURCE)
    with recording(folder / "spool") as running:
        outcome = run(running.code(path), path)
        assert outcome.traceback == ""
        yield running, outcome.namespace["around"]


def told(running: Recording) -> dict[str, list[Any]]:
    """Return by what triggered a session the numbers that were bound in it."""
    spool = running.read()
    triggers = {one["key"]: one["trigger"] for one in spool.sessions}
    found: dict[str, list[Any]] = {}
    for event in spool.events:
        if event.kind == "variable" and event.name in {"a", "b", "c", "d"}:
            found.setdefault(triggers[event.session], []).append(event.values[0])
    return found


def test_a_session_that_begins_and_is_set_aside(tmp_path: Path) -> None:
    with made(tmp_path) as (running, around):
        sessions = running.core.sessions
        opened: list[Any] = []

        def change() -> None:
            if opened:
                sessions.set_aside(opened[0])
            else:
                opened.append(sessions.begin("named", "inner", {}))

        around(change)
        found = told(running)
    assert found["inner"] == [3, 4]
    del found["inner"]
    assert [*found.values()] == [[8, 1, 2, 5, 6, 9]]


def test_a_session_that_another_thread_sets_aside_and_that_is_taken_up(tmp_path: Path) -> None:
    with made(tmp_path) as (running, around):
        sessions = running.core.sessions
        opened = sessions.begin("named", "outer", {})
        assert opened is not None

        def change() -> None:
            if opened.is_on:
                thread = threading.Thread(target=sessions.set_aside, args=(opened,))
                thread.start()
                thread.join()
            else:
                sessions.take_up(opened)

        around(change)
        sessions.set_aside(opened)
        found = told(running)
    assert found == {"outer": [8, 1, 2, 5, 6, 9]}


def test_sessions_that_are_set_aside_out_of_turn(tmp_path: Path) -> None:
    with made(tmp_path) as (running, around):
        sessions = running.core.sessions
        outer = sessions.begin("named", "outer", {})
        inner = sessions.begin("named", "inner", {})
        assert outer is not None
        assert inner is not None
        steps = iter(
            (
                # The inner one goes on, then the outer one on top of it.
                lambda: sessions.set_aside(outer),
                lambda: sessions.take_up(outer),
                # And again below it; after both there is what was before both.
                lambda: sessions.set_aside(inner),
                lambda: sessions.end(outer, None),
            )
        )

        def change() -> None:
            next(steps)()

        around(change)
        around(change)
        found = told(running)
        sessions.take_up(inner)
        sessions.end(inner, None)
    assert found["inner"] == [8, 1, 2, 3, 4]
    assert found["outer"] == [5, 6, 9, 8, 1, 2, 3, 4]
    assert [numbers for name, numbers in found.items() if name.endswith(".around")] == []


@pytest.mark.parametrize("core", CORES)
def test_sessions_begun_by_name_leave_nothing_behind(core: str, tmp_path: Path) -> None:
    with recording(tmp_path, core=core) as running:
        sessions = running.core.sessions

        def work() -> None:
            outer = sessions.begin("named", "outer", {"tag": "outer"})
            inner = sessions.begin("named", "inner", {"tag": object})
            assert outer is not None
            assert inner is not None
            # Out of turn as well.
            for each in (outer, inner):
                sessions.set_aside(each)
                sessions.take_up(each)
            sessions.end(outer, None)
            sessions.end(inner, ValueError("why"))
            sessions.end(inner, None)

        blocks = []
        for _ in range(5):
            for _ in range(500):
                work()
            blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < 300
