"""The dashboard as a process of its own, and what it takes: memory, and time on a processor."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.recordings import environment

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 30


class Dashboard:
    """A dashboard that serves a database."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self._pid = process.pid
        self.address = address

    @property
    def megabytes(self) -> float:
        """Memory that it holds."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    @property
    def processor_s(self) -> float:
        """Seconds that it was on a processor."""
        parts = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / _TICKS


@contextmanager
def dashboard(place: Path, url: str) -> Iterator[Dashboard]:
    """Serve a database for as long as the block lasts."""
    command = ["ui", "--no-open", "--port", "0", "--database", url]
    process = subprocess.Popen(
        [sys.executable, "-m", "rewind", *command],
        cwd=place,
        env=environment(place),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+?:\d+", process.stdout.readline())
        assert found is not None
        yield Dashboard(process, found.group())
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE_S)
