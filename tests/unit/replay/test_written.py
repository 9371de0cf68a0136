"""What the writer really leaves behind is replayed alike, whatever its chunks and keyframes are."""

import json
from pathlib import Path
from typing import Any

import pytest

from rewind.replay import present
from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.replay.session import Session
from rewind.writer import WriterSettings, run
from tests.shop import Shop
from tests.spooled import Spooled, dead_process
from tests.unit.replay.stored import OPENED


class Small(WriterSettings):
    """Chunks of seven events: a session of the shop has seven of them."""

    chunk_events = 7


class Tiny(WriterSettings):
    """Every event a chunk."""

    chunk_events = 1


def written(folder: Path, settings: type[WriterSettings]) -> Session:
    url = f"sqlite:///{folder}/{settings.__name__}.db"
    spooled = Spooled(folder / "spool", launcher=dead_process())
    process = spooled.process()
    program = Shop(process)
    program.run()
    program.thread.close()
    process.goodbye()
    assert run(spooled.path, settings(url, linger=0.0)) == 0
    archive = Archive.open(url)
    OPENED.append(archive)
    return archive.session("last")


@pytest.fixture(scope="module", params=[WriterSettings, Small, Tiny])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return written(tmp_path_factory.mktemp("written"), request.param)


def test_every_event_of_the_program_is_there(session: Session) -> None:
    assert session.facts.events == Shop.EVENTS
    assert [event.n for event in session.events()] == list(range(1, Shop.EVENTS + 1))
    assert all(event.frame is not None for event in session.events())


def test_the_stack_is_the_programs(session: Session) -> None:
    calls = session.events(EventQuery(function="discount", kinds=frozenset(("call",))))
    (call,) = calls
    stack = session.stack(call.n)
    functions = [entry.frame.opened.scope.function.qualname for entry in stack]
    assert functions == ["discount", "total", "main", "<module>"]
    assert stack[1].line == 7
    assert dict(stack[1].arguments)["code"] == "SPRING"


def test_a_moment_reads_as_the_program_was(session: Session) -> None:
    (handled,) = session.events(EventQuery(kinds=frozenset(("handled",))))
    shown: Any = present.moment(session, session.moment(handled.n))
    assert [entry["function"] for entry in shown["stack"]] == ["main", "<module>"]
    texts = {variable["name"]: variable["text"] for variable in shown["variables"]}
    assert texts == {
        "lines": "['tea', 'cake']",
        "n": "1",
        "name": "'cake'",
        "paid": "5",
        "error": "KeyError('gold')",
    }
    after: Any = present.moment(session, session.moment(handled.n + 2))
    assert "error" not in {variable["name"] for variable in after["variables"]}
    assert shown["event"]["line_text"] == "except KeyError as error:"


def test_all_moments_are_the_same_in_chunks_of_any_size(tmp_path: Path, session: Session) -> None:
    """The sessions differ in nothing but their ids and times of day."""
    other = written(tmp_path, WriterSettings)
    for n in range(1, Shop.EVENTS + 1):
        ours, theirs = (
            json.dumps(present.moment(whole, whole.moment(n)) | {"session": None})
            for whole in (session, other)
        )
        assert ours == theirs


def test_a_variables_history_is_found(session: Session) -> None:
    writes = session.events(EventQuery(variable="amount", function="total"))
    assert [event.value for event in writes] == [0, 4, 10, 5, 0]
