"""Parts that come one by one: for each a session goes on that is set aside between them."""

import gc
import threading
import weakref
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rewind import sessions
from rewind.capture.opened import Followed
from tests.unit.capture.test_named_sessions import made, told, works


class _Thing:
    """Something of which it can be told whether it is still there."""


def here() -> str | None:
    """Return the session just here."""
    current = sessions.current_session()
    return None if current is None else current.id


def test_each_step_is_the_sessions_and_what_is_between_them_is_not(tmp_path: Path) -> None:
    def parts() -> Iterator[str | None]:
        yield here()
        yield here()

    with made(tmp_path) as (running, names):
        begun = sessions.begin("session", "a", {})
        followed = sessions.follow(begun, parts())
        between = [here()]
        names["work"](1)
        inside = []
        for part in followed:
            inside.append(part)
            between.append(here())
        sessions.end(begun, None)
        found = told(running.read())
    assert inside == [found["a"]["id"]] * 2
    assert between == [None] * 3
    assert works(found["a"]) == []


def test_it_begins_to_go_through_the_parts_with_the_first_step(tmp_path: Path) -> None:
    class Parts(Iterable[str | None]):
        begun: str | None = "not yet"

        def __iter__(self) -> Iterator[str | None]:
            self.begun = here()
            return iter(())

    with made(tmp_path) as (_running, _names):
        begun = sessions.begin("session", "a", {})
        inside = here()
        parts = Parts()
        followed = sessions.follow(begun, parts)
        assert parts.begun == "not yet"
        assert list(followed) == []
        assert parts.begun == inside
        sessions.end(begun, None)


def test_what_a_step_raises_is_the_programs_and_so_is_what_it_returns(tmp_path: Path) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError

    def returning() -> Generator[int, None, int]:
        yield 1
        return 2

    number: Any = 3
    with made(tmp_path) as (_running, _names):
        begun = sessions.begin("session", "a", {})
        followed = sessions.follow(begun, failing())
        assert next(followed) == 1
        with pytest.raises(KeyError):
            next(followed)
        assert here() is None
        followed = sessions.follow(begun, returning())
        assert next(followed) == 1
        with pytest.raises(StopIteration) as stopped:
            next(followed)
        assert stopped.value.value == 2
        with pytest.raises(TypeError, match="'int' object is not iterable"):
            next(sessions.follow(begun, number))
        assert here() is None
        sessions.end(begun, None)


def test_one_that_is_over_gives_the_rest_of_its_parts(tmp_path: Path) -> None:
    with made(tmp_path) as (_running, _names):
        begun = sessions.begin("session", "a", {})
        followed = sessions.follow(begun, [1, 2])
        assert next(followed) == 1
        sessions.end(begun, None)
        assert next(followed) == 2
        assert here() is None


def test_parts_that_hold_what_follows_them_are_collected(tmp_path: Path) -> None:
    def parts(held: list[object], thing: _Thing) -> Iterator[int]:
        yield 1
        held.append(thing)

    with made(tmp_path) as (_running, _names):
        begun = sessions.begin("session", "a", {})
        gone = []
        for steps in (0, 1):
            held: list[object] = []
            thing = _Thing()
            gone.append(weakref.ref(thing))
            followed = sessions.follow(begun, parts(held, thing))
            held.append(followed)
            for _step in range(steps):
                next(followed)
            del held, thing, followed
        sessions.end(begun, None)
        gc.collect()
        assert [one() for one in gone] == [None, None]


def test_parts_that_begin_twice_are_collected(tmp_path: Path) -> None:
    """Who is asked to begin goes on by itself before it answers; the latest beginning holds."""

    class Parts(Iterable[int]):
        followed: Iterator[int]
        begun = 0

        def __iter__(self) -> Iterator[int]:
            self.begun += 1
            things = [_Thing()]
            gone.append(weakref.ref(things[0]))
            if self.begun == 1:
                assert next(self.followed) == 1
            return (n for _thing in things for n in (1, 2))

    gone: list[weakref.ref[_Thing]] = []
    with made(tmp_path) as (_running, _names):
        begun = sessions.begin("session", "a", {})
        parts = Parts()
        followed = parts.followed = sessions.follow(begun, parts)
        assert list(followed) == [1, 2]
        del parts, followed
        sessions.end(begun, None)
        gc.collect()
        assert [one() for one in gone] == [None, None]


class Failing:
    """What a thread has of its own, of which nothing can be read."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    @property
    def recorder(self) -> object:
        """The thread's recorder."""
        raise self._error


def stepped_elsewhere(followed: Iterator[int]) -> list[int | BaseException]:
    """Return the next part, and the one after it, by a thread that has no recorder yet."""
    outcome: list[int | BaseException] = []

    def step() -> None:
        for _ in range(2):
            try:
                outcome.append(next(followed))
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                outcome.append(error)

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    return outcome


def test_a_session_that_cannot_go_on_is_reported_and_the_parts_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made(tmp_path) as (running, _names):
        begun = sessions.begin("session", "a", {})
        followed = sessions.follow(begun, [1, 2, 3])
        with monkeypatch.context() as patched:
            patched.setattr(running.core, "_local", None)
            assert stepped_elsewhere(followed) == [1, 2]
        assert list(followed) == [3]
        sessions.end(begun, None)
        reports = running.read().reports
    assert {report["name"] for report in reports} == {"rewind.take_up"}
    assert {report["why"].split(":")[0] for report in reports} == {"AttributeError"}


@pytest.mark.parametrize("error", [ValueError("the program's"), KeyboardInterrupt()])
def test_an_error_of_the_programs_passes_and_no_part_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """As a signal's handler raises it while the session is to go on."""
    with made(tmp_path) as (running, _names):
        begun = sessions.begin("session", "a", {})
        followed = sessions.follow(begun, [1, 2])
        with monkeypatch.context() as patched:
            patched.setattr(running.core, "_local", Failing(error))
            assert stepped_elsewhere(followed) == [error, error]
        assert list(followed) == [1, 2]
        sessions.end(begun, None)
        assert running.read().reports == []


def test_a_session_that_cannot_be_set_aside_gives_its_part_all_the_same() -> None:
    """The one in C does not fail at that."""
    told: list[tuple[str, str]] = []

    def fails(_: object) -> None:
        raise ValueError

    def fault(name: str, error: Exception) -> None:
        told.append((name, type(error).__name__))

    opened: Any = object()
    assert list(Followed(opened, [1], fails, fails, fault)) == [1]
    assert told == [("take_up", "ValueError"), ("set_aside", "ValueError")] * 2
