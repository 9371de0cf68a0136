"""Sessions in a file of their own: written, and read by every command, without a byte changed."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from urllib.request import urlopen

import pytest

from rewind.errors import NewDatabaseError, OldDatabaseError, StoreError
from rewind.store import Store, export_format, open_store, read_session
from rewind.store.exporting import export
from rewind.writer import run
from tests import stored
from tests.databases import database, postgres, postgres_server
from tests.integration.terminal import ORDERS, answers, environment, rewind
from tests.shop import shop
from tests.written import settings

__all__ = ["database", "postgres", "postgres_server"]


@pytest.fixture
def recorded(tmp_path: Path, database: str) -> list[str]:
    """Three sessions, in the database that the folder's settings name."""
    spooled, ids = shop(tmp_path / "spool", sessions=3)
    run(spooled.path, settings(database))
    (tmp_path / "rewind.toml").write_text(f'database = "{database}"\n')
    return ids


@pytest.fixture
def source(database: str) -> Iterator[Store]:
    opened = open_store(database, upgrade=True)
    yield opened
    opened.close()


def failure(folder: Path, *arguments: object) -> str:
    done = rewind(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_every_command_says_of_the_file_what_it_says_of_the_database(
    tmp_path: Path, recorded: list[str]
) -> None:
    done = rewind(tmp_path, "export", *recorded, "-o", "bug.rewind")
    assert done.returncode == 0, done.stderr
    assert "bug.rewind: 3 sessions, 144 events" in done.stdout
    file = tmp_path / "bug.rewind"
    before = sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns
    last, elsewhere = recorded[-1], tmp_path / "elsewhere"
    elsewhere.mkdir()
    for command in (
        ["sessions", "--json"],
        ["show", last, "--json"],
        ["show", last, "--event", "40", "--json"],
        ["events", last, "--json"],
        ["events", recorded[0][:20], "--kind", "variable", "--json"],
        ["doctor", "--session", last, "--json"],
    ):
        said = rewind(tmp_path, *command).stdout
        assert rewind(elsewhere, *command, "--database", file).stdout == said
        if last in command:
            named = [file if word == last else word for word in command]
            assert rewind(elsewhere, *named).stdout == said
    assert file.stat().st_mode & 0o777 == 0o600
    assert (sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.glob("*.rewind*")] == ["bug.rewind"]


def test_a_file_is_exported_from_a_file(tmp_path: Path, recorded: list[str]) -> None:
    rewind(tmp_path, "export", *recorded, "-o", "all.rewind")
    done = rewind(tmp_path, "export", recorded[0], "--database", "all.rewind", "-o", "one.rewind")
    assert "1 session, 48 events" in done.stdout
    newest = rewind(tmp_path, "export", "all.rewind", "-o", "newest.rewind")
    assert "1 session, 48 events" in newest.stdout
    (found,) = answers(tmp_path, "sessions", "--database", "newest.rewind")
    assert found["id"] == recorded[-1]


def test_a_file_that_is_there_is_kept_unless_told_otherwise(
    tmp_path: Path, recorded: list[str]
) -> None:
    (tmp_path / "bug.rewind").write_text("precious")
    assert "--force overwrites it" in failure(tmp_path, "export", "last", "-o", "bug.rewind")
    assert (tmp_path / "bug.rewind").read_text() == "precious"
    assert rewind(tmp_path, "export", "last", "-o", "bug.rewind", "--force").returncode == 0
    assert answers(tmp_path, "show", "bug.rewind")[0]["id"] == recorded[-1]


def test_what_cannot_be_exported_is_one_line(tmp_path: Path, recorded: list[str]) -> None:
    assert recorded
    assert "must end in .rewind" in failure(tmp_path, "export", "last", "-o", "bug.db")
    assert "there is no session ffff" in failure(tmp_path, "export", "ffff", "-o", "a.rewind")
    assert "cannot be written" in failure(tmp_path, "export", "last", "-o", "no/where.rewind")
    assert list(tmp_path.glob("*.rewind")) == []


def test_a_file_is_only_read(tmp_path: Path, recorded: list[str]) -> None:
    rewind(tmp_path, "export", *recorded, "-o", "bug.rewind")
    (tmp_path / "app.py").write_text("print('never')\n")
    for command in (
        ["run", "--database", "bug.rewind", "app.py"],
        ["prune", "--max-sessions", "1", "--database", "bug.rewind"],
        ["delete", "last", "--database", "bug.rewind"],
        ["sessions", "--pin", "last", "--database", "bug.rewind"],
        ["db", "vacuum", "--database", "bug.rewind"],
        ["db", "upgrade", "--database", "bug.rewind"],
    ):
        assert "is only read; name another database" in failure(tmp_path, *command)
    (tmp_path / "other.db").write_bytes((tmp_path / "bug.rewind").read_bytes())
    renamed = f"sqlite:///{tmp_path}/other.db"
    assert "is only read" in failure(tmp_path, "run", "--database", renamed, "app.py")
    assert len(answers(tmp_path, "sessions", "--database", renamed)) == 3
    looked_at = json.loads(rewind(tmp_path, "doctor", "--database", "bug.rewind", "--json").stdout)
    (found,) = (each for each in looked_at["environment"] if each["name"] == "database")
    assert not found["is_well"]
    assert "is only read" in found["text"]


def test_what_is_no_such_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.rewind").write_text("remember the milk")
    (tmp_path / "empty.rewind").write_text("")
    for command in (["show", "none.rewind"], ["sessions", "--database", "none.rewind"]):
        assert "there is no file" in failure(tmp_path, *command)
    for name in ("notes.rewind", "empty.rewind"):
        assert "is no file that rewind export made" in failure(tmp_path, "events", name)
        assert "is no file that rewind export made" in failure(tmp_path, "ui", name)
    assert "leave --database out" in failure(
        tmp_path, "show", "a.rewind", "--database", "sqlite:///b.db"
    )
    assert not (tmp_path / "none.rewind").exists()


def test_what_still_runs_is_exported_as_far_as_it_is(tmp_path: Path, source: Store) -> None:
    rows = stored.batch(1)
    rows.sessions = [rows.sessions[0]._replace(status="running", duration_ns=None)]
    stored.put(source, rows)
    (tmp_path / "rewind.toml").write_text(
        f'database = "{source.engine.url.render_as_string(hide_password=False)}"\n'.replace(
            "+psycopg", ""
        )
    )
    done = rewind(tmp_path, "export", "last", "-o", "bug.rewind")
    assert f"session {rows.sessions[0].id} still runs: what it has so far is in" in done.stderr
    (found,) = answers(tmp_path, "show", "bug.rewind")
    assert (found["status"], found["tags"]) == ("completed", {"unfinished": True})
    assert found["duration_ns"] == rows.chunks[0].end_ns


def test_only_what_the_sessions_need_goes_along(tmp_path: Path, source: Store) -> None:
    one, other = stored.put(source, stored.batch(2)), stored.batch(1)
    stored.put(source, replace(other, files=[other.files[0]._replace(hash="cd" * 32)]))
    made = export(source, [one.sessions[0].id], tmp_path / "a.rewind")
    assert (made.sessions, made.events, made.unfinished) == (1, 2, ())
    with sqlite3.connect(tmp_path / "a.rewind") as connection:
        counts = {
            table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
            for table in export_format.CONTENT
        }
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert set(counts.values()) == {1}


def test_a_child_alone_is_the_newest_of_its_file(tmp_path: Path, source: Store) -> None:
    rows = stored.batch(2)
    parent, child = rows.sessions
    rows.sessions = [parent, child._replace(parent_id=parent.id)]
    stored.put(source, rows)
    export(source, [child.id], tmp_path / "a.rewind")
    opened = open_store(f"sqlite:///{tmp_path}/a.rewind", upgrade=False)
    assert read_session(opened, "last").id == child.id
    opened.close()


@pytest.mark.parametrize(
    ("version", "error", "message"),
    [
        (0, OldDatabaseError, "exported by an older Rewind: it has format 0"),
        (export_format.FORMAT + 1, NewDatabaseError, "exported by a newer Rewind: it has format"),
    ],
)
def test_another_format_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: int,
    error: type[StoreError],
    message: str,
) -> None:
    source = open_store(f"sqlite:///{tmp_path}/rewind.db", upgrade=True)
    rows = stored.put(source, stored.batch(1))
    with monkeypatch.context() as patch:
        patch.setattr(export_format, "FORMAT", version)
        export(source, [rows.sessions[0].id], tmp_path / "a.rewind")
    source.close()
    with pytest.raises(error, match=message):
        open_store(f"sqlite:///{tmp_path}/a.rewind", upgrade=False)


def test_a_file_of_the_format_before_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_store(f"sqlite:///{tmp_path}/rewind.db", upgrade=True)
    rows = stored.put(source, stored.batch(1))
    with monkeypatch.context() as patch:
        patch.setattr(export_format, "FORMAT", export_format.OLDEST)
        export(source, [rows.sessions[0].id], tmp_path / "a.rewind")
    source.close()
    opened = open_store(f"sqlite:///{tmp_path}/a.rewind", upgrade=False)
    assert read_session(opened, "last").id == rows.sessions[0].id
    opened.close()


def test_the_format_counts_up_with_its_tables() -> None:
    """Whoever changes a table that is exported gives the format its next number, here too."""
    told = [[t.name, *(c.name for c in t.columns)] for t in export_format.TABLES]
    known = {1: "f1fd73d4629c6842", 2: "c88271dba64dbaa8", 3: "c88271dba64dbaa8"}
    assert sha256(json.dumps(told).encode()).hexdigest()[:16] == known[export_format.FORMAT]


def test_the_dashboard_shows_a_file_and_leaves_it_as_it_is(
    tmp_path: Path, recorded: list[str]
) -> None:
    rewind(tmp_path, "export", *recorded, "-o", "bug.rewind")
    before = (tmp_path / "bug.rewind").read_bytes()
    with subprocess.Popen(
        [sys.executable, "-m", "rewind", "ui", "bug.rewind", "--port", "0", "--no-open"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().partition("dashboard is at ")[2].split()[0]
        with urlopen(f"{address}api/sessions") as answer:
            assert json.load(answer)["total"] == 3
        process.terminate()
    assert process.returncode == 0
    assert (tmp_path / "bug.rewind").read_bytes() == before


def test_what_was_withheld_is_not_in_the_file(tmp_path: Path) -> None:
    rewind(tmp_path, "run", ORDERS)
    rewind(tmp_path, "export", "last", "-o", "bug.rewind")
    text = rewind(tmp_path, "events", "bug.rewind", "--json").stdout
    assert text == rewind(tmp_path, "events", "last", "--json").stdout
    assert "$redacted" in text


def test_a_large_one_is_written_in_parts(tmp_path: Path, source: Store) -> None:
    rows = stored.batch(1)
    (session,) = rows.sessions
    rows.sessions = [session._replace(events=400)]
    rows.chunks = [stored.chunk(session, first, first + 1) for first in range(1, 400, 2)]
    stored.put(source, rows)
    told: list[tuple[int, int]] = []
    export(source, [session.id], tmp_path / "a.rewind", lambda *figures: told.append(figures))
    assert told == [(128, 400), (256, 400), (384, 400), (400, 400)]
