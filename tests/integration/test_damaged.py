"""Files that were cut short or changed: what is sound is shown, what is not is named.

The commands run in this process, as their code is what is tried, some hundred times.
"""

import contextlib
import io
import json
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rewind.cli.app import run_app
from rewind.store import open_store, read_sessions
from rewind.store.exporting import export
from rewind.store.sessions import SessionFilter
from rewind.writer import run
from tests import stored
from tests.shop import shop
from tests.written import settings

FLIPS = 60
CUTS = 12

LOST_WITH_SOURCES = ("line_text", "source")
"""Fields that are empty where a source was damaged."""


class Said(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Files(NamedTuple):
    """A recording as it was stored, and the same as it was exported."""

    database: bytes
    exported: bytes
    ids: list[str]


def ask(*arguments: object) -> Said:
    """Run a command in this process; an exception of its own is a failure of the test."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_app([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Three sessions of two chunks each."""
    folder = tmp_path_factory.mktemp("whole")
    spooled, ids = shop(folder / "spool", sessions=3)
    url = f"sqlite:///{folder}/rewind.db"
    run(spooled.path, settings(url, chunk_events=32))
    opened = open_store(url, upgrade=False)
    export(opened, ids, folder / "a.rewind")
    opened.close()
    with sqlite3.connect(folder / "rewind.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database = (folder / "rewind.db").read_bytes()
    return Files(database, (folder / "a.rewind").read_bytes(), ids)


def commands(files: Files) -> list[list[str]]:
    """Questions, each of which looks at another part of what is stored."""
    return [
        ["sessions", "--json"],
        ["show", files.ids[0], "--json"],
        ["events", files.ids[0], "--json"],
        ["events", files.ids[1], "--kind", "variable", "--json"],
        ["show", files.ids[2], "--event", "40", "--json"],
        ["doctor", "--session", files.ids[2], "--json"],
        ["sessions"],
        ["db", "stats"],
    ]


def damaged(whole: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of a file, each with what was done to it."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    for place in sorted(chance.randrange(len(whole)) for _ in range(CUTS)):
        yield f"cut at {place}", whole[:place]
    for _ in range(FLIPS):
        place, change = chance.randrange(len(whole)), chance.randrange(1, 256)
        changed = bytearray(whole)
        changed[place] ^= change
        yield f"byte {place} changed by {change}", bytes(changed)


def without_sources(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what is left out where a source was damaged."""
    return {
        name: without_sources(value) if isinstance(value, dict) else value
        for name, value in found.items()
        if name not in LOST_WITH_SOURCES
    }


def parts(command: Sequence[str], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the objects of which each is right by itself: a report adds up those that are left."""
    if command[0] != "doctor":
        return found
    return [module for report in found for module in report["modules"]]


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_damaged_export_nothing_wrong_is_shown_and_nothing_is_missing_in_silence(
    tmp_path: Path, files: Files, seed: int
) -> None:
    path = tmp_path / "bad.rewind"
    path.write_bytes(files.exported)
    right = {tuple(c): ask(*c, "--database", path) for c in commands(files)}
    assert {said.code for said in right.values()} == {0}
    answered = 0
    for what, content in damaged(files.exported, seed):
        path.write_bytes(content)
        for command, whole in right.items():
            said = ask(*command, "--database", path)
            assert said.code in {0, 1, 2}, what
            assert said.out == whole.out or "damaged" in said.err or said.code == 2, what
            if "--json" in command and said.out:
                known = [without_sources(each) for each in parts(command, whole.objects)]
                shown = [without_sources(each) for each in parts(command, said.objects)]
                assert all(each in known for each in shown), what
                answered += 1
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]
    assert answered > FLIPS


@pytest.mark.parametrize("seed", [3, 4])
def test_of_a_damaged_database_no_event_is_shown_wrong(
    tmp_path: Path, files: Files, seed: int
) -> None:
    path = tmp_path / "bad.db"
    url = f"sqlite:///{path}"
    path.write_bytes(files.database)
    right = {tuple(c): ask(*c, "--database", url) for c in commands(files)}
    for what, content in damaged(files.database, seed):
        for beside in tmp_path.iterdir():
            beside.unlink()
        path.write_bytes(content)
        for command, whole in right.items():
            said = ask(*command, "--database", url)
            assert said.code in {0, 1, 2}, what
            assert said.code == 0 or said.err.startswith("rewind: "), what
            if command[0] == "events" and said.out != whole.out:
                assert said.err, what
                known = [values_of(each) for each in whole.objects]
                assert all(values_of(each) in known for each in said.objects), what


def test_events_whose_source_is_gone_are_shown_and_it_is_said(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(files.database)
    command = ("events", files.ids[0], "--json", "--database", f"sqlite:///{path}")
    whole = ask(*command)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE files SET hash = 'other'")
        connection.commit()
    said = ask(*command)
    assert whole.code == 0
    assert whole.err == ""
    assert said.code == 1
    assert (
        said.err == "rewind: the source of /srv/shop/shop.py cannot be read: lines are left empty\n"
    )
    assert [without_sources(one) for one in said.objects] == [
        without_sources(one) for one in whole.objects
    ]


def values_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the chunk tells of an event: names and paths of modules have no checksum."""
    names = ("n", "kind", "time_ns", "function", "line", "name", "value", "text")
    return {name: event[name] for name in names}


@pytest.fixture
def long(tmp_path: Path) -> tuple[Path, str]:
    """An exported file of one session with many chunks, and the session's id."""
    spooled, (session,) = shop(tmp_path / "spool", sessions=1)
    url = f"sqlite:///{tmp_path}/rewind.db"
    run(spooled.path, settings(url, chunk_events=4))
    opened = open_store(url, upgrade=False)
    export(opened, [session], tmp_path / "bug.rewind")
    opened.close()
    return tmp_path / "bug.rewind", session


def change_a_chunk(path: Path, first: int) -> None:
    """Change one byte within the events of the chunk that begins with that one."""
    with sqlite3.connect(path) as connection:
        (data,) = connection.execute("SELECT data FROM chunks WHERE first = ?", (first,)).fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    assert content.count(data) == 1
    content[content.index(data) + len(data) // 2] ^= 1
    path.write_bytes(content)


def test_the_events_around_a_lost_chunk_are_shown(long: tuple[Path, str]) -> None:
    path, session = long
    before = ask("events", path, "--json").objects
    change_a_chunk(path, 21)
    said = ask("events", path, "--json")
    assert said.objects == [each for each in before if not 21 <= each["n"] <= 24]
    assert f"session {session}: events 21 to 24 are lost" in said.err
    assert "what of it is sound is shown" in said.err
    lost = ask("show", path, "--event", "22")
    assert lost.code == 2
    assert "has no event 22" in lost.err


def test_a_chunk_of_a_database_that_does_not_fit_its_checksum_is_passed_over(
    tmp_path: Path, long: tuple[Path, str]
) -> None:
    _, session = long
    url = f"sqlite:///{tmp_path}/rewind.db"
    before = ask("events", session, "--database", url, "--json").objects
    with sqlite3.connect(tmp_path / "rewind.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    change_a_chunk(tmp_path / "rewind.db", 21)
    said = ask("events", session, "--database", url, "--json")
    assert said.objects == [each for each in before if not 21 <= each["n"] <= 24]
    assert said.code == 1
    assert said.err.startswith(f"rewind: passed over: session {session}, chunk of event 21: ")
    lost = ask("show", session, "--event", "22", "--database", url)
    assert (lost.code, lost.out) == (2, "")
    assert f"session {session}, chunk of event 22" in lost.err
    some = ask("events", session, "--from", "25", "--limit", "3", "--database", url, "--json")
    assert [each["n"] for each in some.objects] == [25, 26, 27]
    assert some.code == 0


def test_one_chunk_that_does_not_say_what_it_is_about_spoils_no_question(
    tmp_path: Path, long: tuple[Path, str]
) -> None:
    _, session = long
    question = ["events", session, "--database", f"sqlite:///{tmp_path}/rewind.db", "--json"]
    before = ask(*question, "--kind", "variable").objects
    with sqlite3.connect(tmp_path / "rewind.db") as connection:
        connection.execute("UPDATE chunks SET sites = zeroblob(length(sites)) WHERE first = 21")
    connection.close()
    said = ask(*question, "--kind", "variable")
    assert any(21 <= each["n"] <= 24 for each in before)
    assert said.objects == [each for each in before if not 21 <= each["n"] <= 24]
    assert said.code == 1
    assert said.err.count("\n") == 1


def test_of_a_file_cut_in_its_middle_the_beginning_is_shown(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path}/rewind.db", upgrade=True)
    rows = stored.batch(200)
    stored.put(opened, rows)
    ids = [session.id for session in read_sessions(opened, SessionFilter())]
    path = tmp_path / "many.rewind"
    export(opened, ids, path)
    opened.close()
    content = path.read_bytes()
    shown = []
    for share in (0.6, 0.75, 0.9):
        path.write_bytes(content[: int(len(content) * share)])
        said = ask("sessions", "--database", path, "--limit", "500", "--json")
        assert {each["id"] for each in said.objects} <= set(ids)
        assert "is damaged" in said.err
        shown.append(len(said.objects))
    assert shown == sorted(shown)
    assert shown[-1] > 0
