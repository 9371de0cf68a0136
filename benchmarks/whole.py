"""Runs one program plain and by `rewind run`, whole processes, and times all of it.

Run as `python whole.py WORKLOAD`; prints JSON. The workloads are those of `peers`, sized to a
second of plain time. Each round runs the program plain, then recorded into a database of its own
that is removed again. The writer is adopted by this process when its parent is gone, and so its
time on a processor is told as well.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from peers.workloads import WORKLOADS, Workload

HERE = Path(__file__).resolve().parent
ROUNDS = 3
PLAIN_S = 1.0
"""What the program's own work takes plain, about."""
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)

DRIVER = """
import gc, importlib, json, sys, time
program = importlib.import_module(sys.argv[1])
getattr(program, "prepare", int)()
gc.collect()
on_processor, began = time.process_time(), time.perf_counter()
program.run(int(sys.argv[2]))
ended = time.perf_counter()
print(json.dumps({"wall": ended - began, "processor": time.process_time() - on_processor}))
"""


class Run(NamedTuple):
    """One run of the program, in seconds."""

    whole: float
    """From its start until it has ended, and all is stored."""
    inside: float
    """Of that, the program's own work."""
    processor: float
    """Of the process, its start and end among that."""
    inside_processor: float
    writer: float
    """Of the writer, on a processor."""
    events: int
    stored_bytes: int


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own is gone."""
    if ctypes.CDLL(None, use_errno=True).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def run(workload: Workload, size: int, *, recorded: bool) -> Run:
    """Run the program in a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        Path(place, "work.py").write_text(DRIVER)
        recording = ["-m", "rewind", "run", "--include", workload.module] if recorded else []
        driver = workload.driver or workload.module
        command = [sys.executable, *recording, "work.py", driver, str(size)]
        environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        environ["PYTHONPATH"] = str(HERE)
        # Warm, as at every run but the first.
        environ["REWIND_CACHE"] = str(HERE.parent / ".pytest_cache" / "rewind-whole")
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=place, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        output, errors = process.stdout, process.stderr
        assert output is not None
        assert errors is not None
        with output, errors:
            told, said = output.read(), errors.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        whole = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, said
        writer = _adopted()
        stored = sum(path.stat().st_size for path in Path(place).glob(".rewind/*.db*"))
    inside = json.loads(told)
    events = re.search(r"([\d,]+) events?,", said)
    assert bool(events) == recorded, said
    return Run(
        whole,
        inside["wall"],
        used.ru_utime + used.ru_stime,
        inside["processor"],
        writer,
        int(events[1].replace(",", "")) if events else 0,
        stored,
    )


def _adopted() -> float:
    """Wait for every process that was left; return their seconds on a processor."""
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime


def measured(name: str) -> list[tuple[Run, Run]]:
    """Return each round's plain and recorded run."""
    adopt_orphans()
    (workload,) = (each for each in WORKLOADS if each.name == name)
    least = min(run(workload, workload.size, recorded=False).inside_processor for _ in range(3))
    size = max(1, round(workload.size * PLAIN_S / least))
    run(workload, 1, recorded=True)
    ways = (False, True)
    rounds = [[run(workload, size, recorded=way) for way in ways] for _ in range(ROUNDS)]
    return [(plain, recorded) for plain, recorded in rounds]


if __name__ == "__main__":
    figures = [[each._asdict() for each in pair] for pair in measured(sys.argv[1])]
    print(json.dumps(figures))
