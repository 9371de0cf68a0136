"""Running a command to its end, within a time, with nothing of it left behind."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

TIMED_OUT: Final = 124
"""As `timeout(1)` has it."""


class Command(NamedTuple):
    """What is run, where, and for how long at most."""

    words: Sequence[str | Path]
    folder: Path
    environ: Mapping[str, str]
    log: Path
    """Where its output goes."""
    limit_s: float


def run(command: Command) -> int:
    """Run a command and return its exit status, or `TIMED_OUT`.

    What it started in its own process group ends with it.
    """
    with command.log.open("wb") as output:
        process = subprocess.Popen(
            command.words,
            cwd=command.folder,
            env=command.environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return process.wait(command.limit_s)
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bare_environ() -> dict[str, str]:
    """Return this environment without what would steer a Python, pytest or Rewind in it."""
    steering = ("REWIND", "PYTHON", "PYTEST", "COV", "OTEL_", "VIRTUAL_ENV", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return kept | {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
