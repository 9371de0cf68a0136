"""A session that changes in the middle of a function: each event is in the one that it comes in.

The function's own events are numbers, of which a core asks as little as it can.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.instrumented import Recording, recording, run, write

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
