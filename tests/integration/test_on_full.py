"""A database that stays away until the spool is full: the program waits, or events are counted."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from rewind.store import open_store
from tests.instrumented import CORES
from tests.integration.terminal import answers, environment, rewind
from tests.written import eventually

BOUND = 1 << 20
STEPS = 30_000
PROGRAM = f"""
import sys
def step(i):
    text = "value %d" % i
    return text
for i in range({STEPS}):
    step(i)
print("done")
"""


class Locked(NamedTuple):
    """A program, while another one locks its database."""

    program: subprocess.Popen[str]
    other: sqlite3.Connection

    def over(self) -> tuple[str, str]:
        """Unlock the database, and return what the program writes to its end."""
        self.other.close()
        return self.program.communicate()


@contextmanager
def while_locked(folder: Path, core: str, how: str) -> Iterator[Locked]:
    """The program under `rewind run`, while another program locks the database."""
    (folder / "app.py").write_text(PROGRAM)
    (folder / ".rewind").mkdir()
    open_store(f"sqlite:///{folder}/.rewind/rewind.db", upgrade=True).close()
    other = sqlite3.connect(folder / ".rewind" / "rewind.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    bounds = {"REWIND_SPOOL_MAX_BYTES": str(BOUND), "REWIND_SEGMENT_BYTES": "16384"}
    with subprocess.Popen(
        [sys.executable, "-m", "rewind", "run", "app.py"],
        cwd=folder,
        env=environment(folder, REWIND_CORE=core, REWIND_ON_FULL=how, **bounds),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            eventually(lambda: waiting(folder) >= BOUND)
            yield Locked(program, other)
        finally:
            other.close()
            program.kill()


def waiting(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / ".rewind" / "spool").glob("*/*.seg"))


@pytest.mark.parametrize("core", CORES)
def test_a_program_that_waits_loses_nothing(tmp_path: Path, core: str) -> None:
    with while_locked(tmp_path, core, "block") as locked:
        # Beyond the bound by a segment, and there it stays.
        eventually(lambda: waiting(tmp_path) > BOUND)
        assert waiting(tmp_path) <= BOUND + 2 * 16384
        assert locked.program.poll() is None
        output, _ = locked.over()
    assert (locked.program.returncode, output) == (0, "done\n")
    (session,) = answers(tmp_path, "sessions")
    assert (session["status"], session["dropped"]) == ("completed", 0)
    # A loop, a variable, a call, a variable and a return; and around them the module's own four.
    assert session["events"] == 5 * STEPS + session["events"] % 5


@pytest.mark.parametrize("core", CORES)
def test_what_is_dropped_is_told_wherever_the_session_is(tmp_path: Path, core: str) -> None:
    with while_locked(tmp_path, core, "drop") as locked:
        # It does not wait: it comes to its end while nothing can be stored.
        assert locked.program.stdout is not None
        assert locked.program.stdout.readline() == "done\n"
        _, errors = locked.over()
    (session,) = answers(tmp_path, "show", "last")
    dropped = session["dropped"]
    assert session["status"] == "completed"
    assert "unfinished" not in session["tags"]
    assert dropped > 0
    assert dropped + session["events"] >= 5 * STEPS
    assert f"{dropped:,} dropped" in errors
    assert answers(tmp_path, "sessions")[0]["dropped"] == dropped
    text = f"{dropped:,} events not recorded"
    assert text in rewind(tmp_path, "sessions").stdout
    assert f"{dropped:,} not recorded" in rewind(tmp_path, "show", "last").stdout
    listed = rewind(tmp_path, "events", "last", "--limit", "3", "--json")
    assert [json.loads(line)["n"] for line in listed.stdout.splitlines()] == [1, 2, 3]
    assert listed.stderr == f"rewind: {dropped:,} events of this session were not recorded\n"


@pytest.mark.parametrize("core", CORES)
def test_a_program_that_waits_ends_by_ctrl_c(tmp_path: Path, core: str) -> None:
    with while_locked(tmp_path, core, "block") as locked:
        program = locked.program
        eventually(lambda: waiting(tmp_path) > BOUND)
        program.send_signal(signal.SIGINT)
        # Its traceback comes while nothing can be stored yet.
        assert program.stderr is not None
        assert program.stderr.readline() == "Traceback (most recent call last):\n"
        program.send_signal(signal.SIGINT)
        locked.over()
    assert program.returncode == -signal.SIGINT
    eventually(lambda: answers(tmp_path, "sessions")[0]["status"] == "error")
    (session,) = answers(tmp_path, "sessions")
    assert session["error"]["type"] == "builtins.KeyboardInterrupt"
