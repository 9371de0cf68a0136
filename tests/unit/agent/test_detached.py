"""A process that is nobody's child: the program's waits and pipes never meet it."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]

START = """
import os, sys
from pathlib import Path
from rewind.agent.detached import start_detached

log, pipe, session = Path(sys.argv[1]), os.dup(1), os.getsid(0)

def work():
    print("session of its own", os.getsid(0) != session)
    print("stdin", os.read(0, 1))
    try:
        os.fstat(pipe)
    except OSError:
        print("pipe closed")
    if len(sys.argv) > 2:
        raise RuntimeError("no work")

print("before", flush=False)
start_detached(work, log)
try:
    os.wait()
except ChildProcessError:
    print("no child")
"""


def start(log: Path, *arguments: str) -> str:
    """Return the starter's output; it ends only when no copy of its pipe is open any more."""
    done = subprocess.run(
        [sys.executable, "-c", START, str(log), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stderr == ""
    return done.stdout


def wait_for(log: Path, text: str) -> str:
    """Return the log once it holds `text`; pytest's own limit ends a vain wait."""
    while not log.exists() or text not in log.read_text():
        time.sleep(0.01)
    return log.read_text()


def test_the_starter_has_no_child_and_its_output_comes_once(tmp_path: Path) -> None:
    assert start(tmp_path / "log") == "before\nno child\n"


def test_it_has_a_session_of_its_own_and_nothing_of_the_starter_open(tmp_path: Path) -> None:
    log = tmp_path / "log"
    start(log)
    shown = wait_for(log, "pipe closed")
    assert shown == "session of its own True\nstdin b''\npipe closed\n"


def test_what_it_fails_with_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    start(log, "fail")
    assert "Traceback" in wait_for(log, "RuntimeError: no work")
