"""Programs and writers that die: what was published is stored, and a person can see what it was."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.writers import writers_of
from tests.instrumented import CORES
from tests.integration.terminal import answers, environment, python, rewind
from tests.written import eventually

DEATHS = {
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "ctypes.string_at(0)",
    "exit": "os._exit(7)",
    "abort": "os.abort()",
    "terminate": "os.kill(os.getpid(), signal.SIGTERM)",
}
DYING = """
import ctypes, os, resource, signal, sys, threading
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
def die(depth, secret):
    reason = {"how": HOW, "depth": depth}
    END
def work(n):
    total = 0
    for i in range(n):
        total += i
    die(n, "in the frame")
work(5)
"""


def dying(how: str) -> str:
    return DYING.replace("HOW", repr(how)).replace("END", DEATHS[how])


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("how", DEATHS)
def test_a_death_leaves_the_last_line_its_stack_and_variables(
    tmp_path: Path, how: str, core: str
) -> None:
    (tmp_path / "app.py").write_text(dying(how))
    plain = python(tmp_path, "app.py")
    died = rewind(tmp_path, "run", "app.py", REWIND_CORE=core)
    assert (died.returncode, died.stdout, died.stderr) == (plain.returncode, "", plain.stderr)
    assert plain.returncode != 0
    eventually(lambda: status(tmp_path) == "crashed")
    (session,) = answers(tmp_path, "show", "last")
    assert session["error"]["message"] == "the process ended in __main__.die, line 5"
    (moment,) = answers(tmp_path, "show", "last", "--event", session["error"]["event"])
    assert [entry["function"] for entry in moment["stack"]] == ["die", "work", "<module>"]
    assert [variable["name"] for variable in moment["variables"]] == ["depth", "secret", "reason"]
    shown = rewind(tmp_path, "show", "last").stdout
    _, _, death = shown.partition("what it was doing when it died\n")
    for text in (
        f"The last that was recorded: event {session['events']}, line 5 of die.",
        f"reason = {{'how': '{how}', 'depth': 5}}",
        "→    5      reason = {",
        f"     6      {DEATHS[how]}",
        "die(depth=5, secret=",
        "work(n=5)",
        "depth     5\n",
    ):
        assert text in death, shown


def status(folder: Path) -> str:
    if not (folder / ".rewind" / "rewind.db").exists():
        return ""
    found = answers(folder, "sessions")
    return str(found[0]["status"]) if found else ""


@pytest.mark.parametrize("core", CORES)
def test_a_process_that_is_stopped_and_then_killed_has_crashed(tmp_path: Path, core: str) -> None:
    """While it is stopped it lives, and so does its session."""
    (tmp_path / "app.py").write_text(
        "import os, signal\ndef f(n):\n    os.kill(os.getpid(), signal.SIGSTOP)\nf(3)\n"
    )
    with started(tmp_path, "app.py", REWIND_CORE=core) as program:
        eventually(lambda: status(tmp_path) == "running" and is_stopped(program.pid))
        assert status(tmp_path) == "running"
        program.kill()
        program.wait()
        eventually(lambda: status(tmp_path) == "crashed")
    (session,) = answers(tmp_path, "show", "last")
    assert session["error"]["message"] == "the process ended in __main__.f, line 2"


@contextmanager
def started(folder: Path, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Have `rewind run` started there; it is killed in the end."""
    command = [sys.executable, "-m", "rewind", "run", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("core", CORES)
def test_a_program_without_memory_ends_as_it_does_and_is_recorded(
    tmp_path: Path, core: str
) -> None:
    """It is told by a limit on its addresses; what ends it is its own MemoryError."""
    (tmp_path / "app.py").write_text(
        "import resource\n"
        "def hoard(kept):\n"
        "    while True: kept.append(bytearray(1 << 22))\n"
        "limit = 1 << 29\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "hoard([])\n"
    )
    plain = python(tmp_path, "app.py")
    recorded = rewind(tmp_path, "run", "app.py", REWIND_CORE=core)
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout) == (1, "")
    assert recorded.stderr.startswith(plain.stderr)
    (session,) = answers(tmp_path, "sessions")
    assert (session["status"], session["error"]["type"]) == ("error", "builtins.MemoryError")


@pytest.mark.parametrize("core", CORES)
def test_a_thread_that_exits_ends_its_own_session_alone(tmp_path: Path, core: str) -> None:
    (tmp_path / "app.py").write_text(
        "import sys, threading\n"
        "def leave(): sys.exit(3)\n"
        "def work():\n"
        "    thread = threading.Thread(target=leave)\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    return 'done'\n"
        "print(work())\n"
    )
    done = rewind(tmp_path, "run", "app.py", REWIND_CORE=core)
    assert (done.returncode, done.stdout) == (0, "done\n")
    found = {one["kind"]: one for one in answers(tmp_path, "sessions")}
    assert found["script"]["status"] == "completed"
    assert (found["thread"]["status"], found["thread"]["events"]) == ("error", 2)


# The death of the writer

RUNNING = """
import sys
def step(n):
    return n * 2
for line in sys.stdin:
    for i in range(int(line)):
        step(i)
    print("did", line.strip(), flush=True)
"""


@contextmanager
def without_its_writer(folder: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A recorded program that has done a part of its work, and whose writer was then killed."""
    (folder / "app.py").write_text(RUNNING)
    command = [sys.executable, "-m", "rewind", "run", "app.py"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, **environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            say(program, 1000)
            eventually(lambda: status(folder) == "running")
            (writer,) = writers_of(recording(folder))
            os.kill(writer, signal.SIGKILL)
            eventually(lambda: not writers_of(recording(folder)))
            yield program
        finally:
            program.kill()


def say(program: subprocess.Popen[str], number: int) -> None:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{number}\n")
    program.stdin.flush()
    assert program.stdout.readline() == f"did {number}\n"


def recording(folder: Path) -> Path:
    (facts,) = (folder / ".rewind" / "spool").glob("*/recording.json")
    return facts.parent


def calls(folder: Path) -> int:
    """How often the newest session has called `step`; and a check that its events are in order."""
    found = answers(folder, "events", "last")
    assert [event["n"] for event in found] == list(range(1, len(found) + 1))
    return sum(event["kind"] == "call" and event["function"] == "step" for event in found)


def test_the_next_command_finishes_what_a_killed_writer_left(tmp_path: Path) -> None:
    with without_its_writer(tmp_path) as program:
        say(program, 500)
        output, errors = program.communicate()
    assert (program.returncode, output) == (0, "")
    assert "the writer has ended early" in errors
    assert "the next rewind command stores them" in errors
    assert calls(tmp_path) == 1500
    (session,) = answers(tmp_path, "sessions")
    assert session["status"] == "completed"
    assert list((tmp_path / ".rewind" / "spool").glob("*/")) == []


def test_the_next_command_gives_a_running_program_a_new_writer(tmp_path: Path) -> None:
    with without_its_writer(tmp_path) as program:
        answers(tmp_path, "sessions")
        eventually(lambda: bool(writers_of(recording(tmp_path))))
        say(program, 500)
        _, errors = program.communicate()
    assert "rewind: 1 session" in errors
    assert calls(tmp_path) == 1500


def test_the_next_recording_finishes_what_a_killed_writer_left(tmp_path: Path) -> None:
    with without_its_writer(tmp_path) as program:
        say(program, 500)
        program.kill()
        program.wait()
    left = recording(tmp_path)
    (tmp_path / "other.py").write_text("x = 1\n")
    done = rewind(tmp_path, "run", "other.py")
    assert done.returncode == 0
    eventually(lambda: not left.exists())
    with sqlite3.connect(tmp_path / ".rewind" / "rewind.db") as connection:
        rows = connection.execute("SELECT trigger, status FROM sessions").fetchall()
    connection.close()
    assert sorted(rows) == [("app.py", "crashed"), ("other.py", "completed")]


def test_a_recording_for_another_database_is_not_taken(tmp_path: Path) -> None:
    with without_its_writer(tmp_path) as program:
        program.communicate()
    left = recording(tmp_path)
    other = f"sqlite:///{tmp_path}/other.db"
    assert rewind(tmp_path, "db", "upgrade", "--database", other).returncode == 0
    found = rewind(tmp_path, "sessions", "--database", other)
    assert (found.returncode, found.stderr) == (0, "")
    assert list(left.glob("*.seg"))
    assert calls(tmp_path) == 1000
    assert not left.exists()
