"""What recording takes of a program's memory: what is resident beside that of a plain run.

The program stops at its end and its pages are counted from outside, by `/proc`. Pages of mapped
segments are the page cache's, and are counted apart: at most one segment for each thread.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

MOST_MORE = 30 << 20
"""Bytes that may be resident beyond a plain run's, mapped segments apart."""
SEGMENT = 1 << 20
"""Bytes of a segment as set by default."""
THREADS = 50
SHORT, LONG = 20_000, 100_000
"""Rounds of `STEADY`, of 26 events each."""

STEADY = """
class Order:
    def __init__(self, number):
        self.number = number
        self.lines = {"name": f"order {number}", "sizes": [number, 2.5], "note": None}

def priced(order, rate):
    total = 0.0
    for size in order.lines["sizes"]:
        total += size * rate
    if total > 1e9:
        raise OverflowError(total)
    return total

def parts(order):
    yield order
    yield order.lines

def work(rounds):
    for number in range(rounds):
        order = Order(number)
        try:
            taken = priced(order, 1e5 if number % 3 else 0.5)
        except OverflowError as error:
            taken = error
        found = list(parts(order))
"""
END = """
import os
print(os.getpid(), flush=True)
input()
"""
BUSY = """
import threading
done, over = threading.Barrier({threads} + 1), threading.Event()

def thread():
    work({rounds})
    done.wait()
    over.wait()

threads = [threading.Thread(target=thread) for _ in range({threads})]
for each in threads:
    each.start()
done.wait()
"""
LEFT = """
over.set()
for each in threads:
    each.join()
"""


class Memory(NamedTuple):
    """Resident bytes of a process."""

    own: int
    """All but mapped segments."""
    segments: int
    mapped: int
    """How many segments are mapped."""


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., tuple[Memory, Memory]]:
    """Returns what a program takes at its end, plain and recorded; the first runs do not count."""

    def measure(source: str, *options: str) -> tuple[Memory, Memory]:
        (tmp_path / "program.py").write_text(source)
        plain = [sys.executable, "program.py"]
        recorded = [sys.executable, "-m", "rewind", "run", *options, "program.py"]
        for command in (plain, recorded):
            _at_end(command, tmp_path)
        return _at_end(plain, tmp_path), _at_end(recorded, tmp_path)

    return measure


def _at_end(command: list[str], folder: Path) -> Memory:
    # Without its byte code a plain process compiles what a recorded one takes from the cache.
    environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**environ, "REWIND_CACHE": str(folder / "cache")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        assert number, process.communicate()[1]
        found = _memory(number)
        process.communicate("\n")
    assert process.returncode == 0
    return found


def _memory(process: str) -> Memory:
    own = segments = mapped = 0
    for mapping in re.split(
        r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path(f"/proc/{process}/smaps").read_text()
    ):
        resident = re.search(r"(?m)^Rss: +(\d+) kB", mapping)
        if resident is None:
            continue
        taken = int(resident[1]) << 10
        if ".seg" in mapping.splitlines()[0]:
            segments += taken
            mapped += 1
        else:
            own += taken
    return Memory(own, segments, mapped)


def _told(capsys: pytest.CaptureFixture[str], what: str, plain: Memory, recorded: Memory) -> None:
    with capsys.disabled():
        more = (recorded.own - plain.own) / (1 << 20)
        print(
            f"\n{what}: {plain.own / (1 << 20):.1f} MB plain, {more:+.1f} MB recorded,"
            f" {recorded.mapped} segments of {recorded.segments / (1 << 20):.1f} MB",
            end="",
        )


@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_events(
    measured: Callable[..., tuple[Memory, Memory]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A recorded process takes at most 30 MB more, and as much after five times the events."""
    more = []
    for rounds in (SHORT, LONG):
        plain, recorded = measured(f"{STEADY}\nwork({rounds}){END}")
        _told(capsys, f"{rounds:,} rounds", plain, recorded)
        more.append(recorded.own - plain.own)
        # One of the process's own, one of the thread's.
        assert recorded.mapped <= 2
    assert max(more) <= MOST_MORE
    assert abs(more[1] - more[0]) < 1 << 20


@pytest.mark.timeout(600)
def test_a_thread_costs_one_segment(
    measured: Callable[..., tuple[Memory, Memory]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty threads that record hold a segment each, and no more than 30 MB beside."""
    threads = BUSY.format(threads=THREADS, rounds=SHORT // THREADS)
    plain, recorded = measured(f"{STEADY}{threads}{END}{LEFT}")
    _told(capsys, f"{THREADS} threads", plain, recorded)
    assert recorded.mapped <= THREADS + 2
    assert recorded.segments <= (THREADS + 2) * SEGMENT
    assert recorded.own - plain.own <= MOST_MORE


@pytest.mark.timeout(600)
def test_sites_take_little(
    measured: Callable[..., tuple[Memory, Memory]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A program of many modules that are all recorded takes at most 30 MB more."""
    plain, recorded = measured(
        f"import sqlalchemy.orm, sqlalchemy.dialects.postgresql{END}", "--include", "sqlalchemy"
    )
    _told(capsys, "many sites", plain, recorded)
    assert recorded.own - plain.own <= MOST_MORE
