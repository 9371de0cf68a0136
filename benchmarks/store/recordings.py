"""Recordings of a wanted length, made by `rewind run`; and what their writer took."""

import ctypes
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from store.figures import Figure

PROGRAMS = Path(__file__).resolve().parent.parent / "programs"
LEAST_RATE = 1e6
"""Events a second that the writer takes in and stores on one core."""
MOST_MEMORY_MB = 200
MOST_BYTES = {"loops": 3.0, "objects": 12.0, "journey": 12.0}
"""Bytes of an event in the database, by program."""
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_DRIVER = "import importlib, sys; importlib.import_module(sys.argv[1]).run(int(sys.argv[2]))\n"


class Recorded(NamedTuple):
    """One session, and what it took to store it."""

    program: str
    session: str
    events: int
    stored_bytes: int
    writer_s: float
    """On a processor, its start among that."""
    writer_mb: float
    """Memory it held at most."""


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for databases and programs; it goes at the end."""
    with TemporaryDirectory(prefix="rewind-bench-") as place:
        yield Path(place)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own is gone: writers are measured so."""
    if ctypes.CDLL(None, use_errno=True).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def recorded(place: Path, url: str, program: str, events: int) -> tuple[Recorded, Recorded]:
    """Record a program into a database: shortly, and for about so many events."""
    few = _run(place, url, program, 2)
    size = max(2, round(events * 2 / few.events))
    return few, _run(place, url, program, size)


def _run(place: Path, url: str, program: str, size: int) -> Recorded:
    (place / "drive.py").write_text(_DRIVER)
    environ = environment(place)
    command = [sys.executable, "-m", "rewind", "run", "--database", url, "--include", program]
    done = subprocess.run(
        [*command, "drive.py", program, str(size)],
        cwd=place,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seconds, megabytes = _adopted()
    shown = subprocess.run(
        [sys.executable, "-m", "rewind", "sessions", "--database", url, "--limit", "1", "--json"],
        cwd=place,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    facts = json.loads(shown.stdout)
    return Recorded(program, facts["id"], facts["events"], _stored(done.stderr), seconds, megabytes)


def environment(place: Path) -> dict[str, str]:
    """Return an environment in which programs are found and this Rewind records them."""
    plain = {name: value for name, value in os.environ.items() if name[:6] not in _OURS}
    paths = os.pathsep.join((str(PROGRAMS), str(PROGRAMS.parent.parent)))
    return {**plain, "PYTHONPATH": paths, "REWIND_CACHE": str(place / "cache")}


_OURS = ("PYTHON", "REWIND")


def _stored(said: str) -> int:
    found = re.search(r"([\d.,]+) (B|kB|MB|GB) stored", said)
    assert found is not None, said
    factor = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}[found[2]]
    return round(float(found[1].replace(",", "")) * factor)


def _adopted() -> tuple[float, float]:
    """Wait for every process that was left; return seconds on a processor, and megabytes."""
    seconds = megabytes = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds, megabytes
        seconds += used.ru_utime + used.ru_stime
        megabytes = max(megabytes, used.ru_maxrss / 1024)


def figures(one: Recorded) -> Iterator[Figure]:
    """Return what storing a session took."""
    per_event = one.writer_s / one.events * 1e9
    size, where = one.stored_bytes / one.events, f"{one.program} {one.events / 1e6:.1f}M"
    yield Figure("writer", where, 1, per_event, per_event, None, 1e9 / LEAST_RATE, "ns/event")
    held = one.writer_mb
    yield Figure("writer's memory", where, 1, held, held, None, MOST_MEMORY_MB, "MB")
    yield Figure("stored", where, 1, size, size, None, MOST_BYTES[one.program], "B/event")
