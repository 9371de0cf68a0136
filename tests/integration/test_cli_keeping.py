"""What stays in a database and what goes: pinned, pruned, deleted, measured, vacuumed."""

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Any
from urllib.request import urlopen

import pytest

from rewind.store import open_store
from rewind.store.statistics import read_statistics
from rewind.store.vacuuming import vacuum
from tests import stored
from tests.databases import database, postgres, postgres_server
from tests.integration.terminal import answers, environment, rewind, summary_of
from tests.written import eventually

__all__ = ["database", "postgres", "postgres_server"]

DAY_NS = 86_400 * 1_000_000_000


@pytest.fixture
def kept(tmp_path: Path, database: str) -> list[str]:
    """Five sessions of one recording, of which each ended a day before the next; the last runs."""
    rows = stored.ended(stored.batch(5))
    for n, row in enumerate(rows.sessions):
        rows.sessions[n] = row._replace(start_ns=time_ns() - (4 - n) * DAY_NS - 1000)
    rows.sessions[0] = rows.sessions[0]._replace(status="error", error_type="ValueError")
    rows.sessions[4] = rows.sessions[4]._replace(status="running", duration_ns=None)
    opened = open_store(database, upgrade=True)
    stored.put(opened, rows)
    opened.close()
    (tmp_path / "rewind.toml").write_text(f'database = "{database}"\n')
    return [row.id for row in rows.sessions]


def there(folder: Path) -> list[str]:
    return [session["id"] for session in answers(folder, "sessions")]


def failure(folder: Path, *arguments: object) -> str:
    done = rewind(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_pins_are_set_shown_and_taken_away(tmp_path: Path, kept: list[str]) -> None:
    changed = answers(tmp_path, "sessions", "--pin", kept[1], "--pin", kept[2])
    assert [(each["id"], each["pinned"]) for each in changed] == [(kept[1], True), (kept[2], True)]
    assert [each["id"] for each in answers(tmp_path, "sessions") if each["pinned"]] == kept[2:0:-1]
    lines = rewind(tmp_path, "sessions").stdout.splitlines()
    assert ["pinned" in line for line in lines[1:]] == [False, False, True, True, False]
    rewind(tmp_path, "sessions", "--unpin", kept[1])
    assert [each["id"] for each in answers(tmp_path, "sessions") if each["pinned"]] == [kept[2]]
    assert "there is no session ffff" in failure(tmp_path, "sessions", "--pin", "ffff")


def test_pruning_applies_the_settings_or_what_is_said(tmp_path: Path, kept: list[str]) -> None:
    assert rewind(tmp_path, "prune").stdout.startswith("nothing is beyond the bounds")
    planned = answers(tmp_path, "prune", "--max-age", "36h", "--dry-run")
    assert [(each["id"], each["why"]) for each in planned] == [
        (name, "max_age") for name in kept[:3]
    ]
    assert there(tmp_path) == kept[::-1]
    shown = rewind(tmp_path, "prune", "--dry-run", REWIND_MAX_AGE="84h").stdout.splitlines()
    assert shown[0].split()[:4] == ["SESSION", "STATUS", "STARTED", "BYTES"]
    assert shown[-1].startswith("would remove 1 session beyond max_age: ")
    done = rewind(tmp_path, "prune", "--max-sessions", "3")
    assert done.stdout.startswith("removed 2 sessions beyond max_sessions: ")
    # The failed one outlives what is newer: it is not more than half of what is kept.
    assert there(tmp_path) == [kept[4], kept[3], kept[0]]
    rewind(tmp_path, "prune", "--max-bytes", "1")
    assert there(tmp_path) == [kept[4]]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--max-age", "soon", "max_age must be a number and s, m, h, d or w"),
        ("--max-age", "0d", "max_age must be a number"),
        ("--max-bytes", "2XB", "max_bytes must be a number of bytes"),
        ("--max-sessions", "-1", "max_sessions must be a whole number from 1"),
    ],
)
def test_a_bound_out_of_form_is_refused(
    tmp_path: Path, option: str, value: str, message: str
) -> None:
    assert message in failure(tmp_path, "prune", option, value)


def test_what_is_named_is_deleted(tmp_path: Path, kept: list[str]) -> None:
    done = rewind(tmp_path, "delete", kept[1], kept[2])
    assert (done.returncode, done.stdout) == (0, "removed 2 sessions\n")
    assert there(tmp_path) == [kept[4], kept[3], kept[0]]
    assert "is still running: --force" in failure(tmp_path, "delete", kept[4])
    rewind(tmp_path, "sessions", "--pin", kept[0])
    assert "is pinned: --force" in failure(tmp_path, "delete", kept[0])
    assert there(tmp_path) == [kept[4], kept[3], kept[0]]
    assert "is still running" in failure(tmp_path, "delete", kept[3], "--recording")
    rewind(tmp_path, "delete", kept[3], "--recording", "--force")
    assert there(tmp_path) == []


@pytest.mark.parametrize("pinned", [True, False])
def test_a_session_that_is_pinned_while_it_runs_is_whole_when_it_proves_dull(
    tmp_path: Path, *, pinned: bool
) -> None:
    """Of what is neither pinned nor an error `keep` leaves nothing."""
    (tmp_path / "work.py").write_text(
        "import pathlib, time\ndef work():\n    before = 1\n"
        "    while not pathlib.Path('go').exists(): time.sleep(0.01)\n    after = 2\n"
    )
    recorded = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "work", "REWIND_KEEP": "errors"}
    command = [sys.executable, "-c", "import work; work.work()"]
    environ = environment(tmp_path, **recorded)

    def running() -> list[str]:
        rows = answers(tmp_path, "sessions") if list(tmp_path.glob(".rewind/*.db")) else []
        return [each["id"] for each in rows if each["trigger"] == "work.work"]

    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE) as process:
        eventually(lambda: bool(running()))
        (name,) = running()
        if pinned:
            rewind(tmp_path, "sessions", "--pin", name)
        (tmp_path / "go").touch()
        process.communicate()
    assert process.returncode == 0
    if pinned:
        eventually(lambda: answers(tmp_path, "sessions")[0]["status"] == "completed")
        told = [each.get("name") for each in answers(tmp_path, "events", name)]
        assert "after" in told
    else:
        eventually(lambda: there(tmp_path) == [])


def test_a_run_keeps_what_is_worth_keeping(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("import sys\nprint(1 // int(sys.argv[1]))\n")
    told = [
        summary_of(rewind(tmp_path, "run", "work.py", number, REWIND_KEEP="errors"))
        for number in (1, 0)
    ]
    assert [each["status"] for each in answers(tmp_path, "sessions")] == ["error"]
    assert [lines[0].split(",")[0] for lines in told] == ["rewind: 0 sessions", "rewind: 1 session"]
    assert "nothing of it was kept" in told[0][-1]
    assert "open it" in told[1][-1]


@pytest.mark.parametrize(("said", "left"), [("n", 5), ("y", 4)])
def test_a_person_is_asked_before_anything_goes(
    tmp_path: Path, kept: list[str], said: str, left: int
) -> None:
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "rewind", "delete", kept[0]]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=inside,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(terminal, f"{said}\n".encode())
        _, asked = process.communicate()
    os.close(terminal)
    os.close(inside)
    assert "Remove 1 session with 2 events?" in asked
    assert len(there(tmp_path)) == left


def statistics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rewind(folder, "db", "stats", "--json").stdout)
    return found


def test_the_database_tells_what_takes_its_room(tmp_path: Path, kept: list[str]) -> None:
    found = statistics(tmp_path)
    assert found["statuses"] == {"completed": 3, "error": 1, "running": 1}
    assert (found["sessions"], found["recordings"], found["events"], found["chunks"]) == (
        5,
        1,
        10,
        5,
    )
    assert set(found["parts"]) == {"events", "keyframes", "counts", "sources", "modules"}
    assert all(found["parts"].values())
    taken = sum(found["parts"][part] for part in ("events", "keyframes", "counts"))
    assert sum(each["bytes"] for each in found["largest"]) == taken
    assert found["bytes_per_event"] == taken / 10
    assert {each["id"] for each in found["largest"]} == set(kept)
    text = rewind(tmp_path, "db", "stats").stdout
    assert "5 (3 completed, 1 error, 1 running)" in text
    assert kept[0] in text


def test_statistics_have_the_documented_fields(tmp_path: Path, kept: list[str]) -> None:
    assert kept
    section = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    section = section.partition("\n## What a database holds\n")[2].partition("\n## ")[0]
    assert [name for name in statistics(tmp_path) if f"`{name}`" not in section] == []


def test_room_is_given_back(tmp_path: Path, database: str) -> None:
    opened = open_store(database, upgrade=True)
    rows = stored.ended(stored.batch(300))
    rows.chunks = [each._replace(data=os.urandom(20_000)) for each in rows.chunks]
    stored.put(opened, rows)
    opened.close()
    rewind(tmp_path, "delete", rows.sessions[0].id, "--recording", "--database", database)
    done = rewind(tmp_path, "db", "vacuum", "--json", "--database", database)
    found = json.loads(done.stdout)
    assert found["freed"] == found["before"] - found["after"]
    if database.startswith("sqlite"):
        assert found["freed"] > 300 * 20_000
        assert found["after"] == (tmp_path / "rewind.db").stat().st_size
    assert rewind(tmp_path, "sessions", "--database", database).returncode == 0


def test_a_file_that_another_one_writes_to_is_not_vacuumed_and_not_hurt(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rewind.db?timeout=0.05"
    opened = open_store(url, upgrade=True)
    with opened.engine.connect() as connection:
        busy = connection.execution_options(begin="BEGIN IMMEDIATE")
        with busy.begin():
            other = open_store(url, upgrade=False)
            with pytest.raises(Exception, match="database is locked"):
                vacuum(other)
            other.close()
    stored.put(opened, stored.batch(1))
    assert read_statistics(opened).sessions == 1
    opened.close()


def test_sizes_are_summed_without_reading_through_the_events(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path}/rewind.db", upgrade=True)
    with opened.engine.connect() as connection:
        for query in ("", " WHERE session_id = 'a'"):
            plan = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN SELECT sum(size) FROM chunks{query}"
            )
            assert "COVERING INDEX ix_chunks_size" in plan.one()[3]
    opened.close()


def test_a_database_in_memory_is_gone_after_its_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(x):\n    return x\n\nf(2)\nprint('ran')\n")
    done = rewind(tmp_path, "run", "--database", "memory", "app.py")
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "1 session, " in done.stderr
    assert "it was kept in memory" in done.stderr
    assert "rewind show last" not in done.stderr
    for command in (["sessions"], ["show", "last"], ["db", "status"], ["prune"], ["ui"]):
        assert 'the database "memory" is gone' in failure(
            tmp_path, *command, "--database", "memory"
        )
    assert not list(tmp_path.rglob("*.db"))


def test_the_dashboard_of_a_run_keeps_what_is_in_memory_until_it_ends(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(x):\n    return x\n\nf(2)\n")
    done = rewind(tmp_path, "run", "--ui", "--database", "memory", "app.py")
    line = next(line for line in summary_of(done) if "watch it at" in line)
    address = line.partition("watch it at ")[2].split()[0]
    process = int(line.partition("`kill ")[2].partition("`")[0])
    try:
        # Its writer has long ended by then, or does so now.
        eventually(lambda: not list((tmp_path / ".rewind" / "spool").glob("*/recording.json")))
        with urlopen(f"{address}api/sessions") as answer:
            assert json.load(answer)["total"] == 1
        (folder,) = folders_of(process)
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        os.kill(process, signal.SIGTERM)
    eventually(lambda: not Path(f"/proc/{process}").exists())
    assert not folder.exists()


def folders_of(process: int) -> set[Path]:
    """Return the folders of the databases that a process has open."""
    opened = set()
    for each in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            opened.add(Path(os.readlink(each)))
    return {path.parent for path in opened if path.name == "rewind.db"}
