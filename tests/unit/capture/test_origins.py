"""Work that is done elsewhere for a session: what stands for that one, and what does not."""

from pathlib import Path

import pytest

from rewind import sessions
from tests.unit.capture.test_named_sessions import made, told, works


def asked() -> str | None:
    """Return what stands for a session that asks for something."""
    begun = sessions.begin("session", "asks", {})
    origin = sessions.origin()
    sessions.end(begun, None)
    return origin


def test_its_parent_is_the_session_that_has_asked(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        origin = asked()
        around = sessions.begin("session", "around", {})
        begun = sessions.begin("job", "task a", {}, origin)
        names["work"](1)
        sessions.end(begun, ValueError())
        sessions.end(around, None)
        found = told(running.read())
    job = found["task a"]
    assert (job["parent"], job["kind"]) == (found["asks"]["id"], "job")
    assert (job["status"], works(job)) == ("error", [1])


@pytest.mark.parametrize(
    "origin", [None, 5, b"-", "", "--", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n", ["a" * 32]]
)
def test_what_a_stranger_has_written_is_no_parent(tmp_path: Path, origin: object) -> None:
    with made(tmp_path) as (running, _):
        sessions.end(sessions.begin("job", "task a", {}, origin), None)
        assert told(running.read())["task a"]["parent"] is None


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_what_one_that_is_passed_over_asks_for_is_passed_over(tmp_path: Path, rate: float) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with made(one, sampling_rate=rate):
        origin = asked()
    with made(other, sampling_rate=1.0) as (running, names):
        begun = sessions.begin("job", "task a", {}, origin)
        names["work"](1)
        sessions.end(begun, None)
        assert ("task a" in told(running.read())) == bool(rate)


def test_nobody_asks_where_nothing_is_recorded(tmp_path: Path) -> None:
    assert sessions.origin() is None
    with made(tmp_path):
        assert sessions.origin() is None
