"""The other processes of these tests: programs that run under Rewind, and its dashboard."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


class Recordings:
    """A folder of programs, and the database that their recordings go to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder / 'rewind.db'}"

    def start(self, *command: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start a program under Rewind: `start("app.py")`; its input and output are pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "rewind", "run", "--database", self.database, *command],
            cwd=cwd or self.folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def record(self, name: str, source: str, expected: int = 0) -> str:
        """Record a program of that source to its end; the session has that name."""
        program = self.program(source)
        finish(self.start("--name", name, program), expected)
        return name

    def program(self, source: str) -> str:
        """Write a program down and return the name of its file."""
        path = self.folder / f"program_{len(list(self.folder.glob('program_*')))}.py"
        path.write_text(source, encoding="utf-8")
        return path.name

    @contextmanager
    def dashboard(self, port: int = 0) -> Iterator[str]:
        """Serve the recordings for as long as the block lasts, at the address it is given."""
        command = ["ui", "--no-open", "--port", str(port), "--database", self.database]
        process = subprocess.Popen(
            [sys.executable, "-m", "rewind", *command],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)

    def _environment(self) -> dict[str, str]:
        # Nothing of the developer's own Rewind, and nothing left in their home.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REWIND")}
        home = {"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return kept | home | {"PYTHONPATH": str(ROOT)}


def finish(process: subprocess.Popen[str], expected: int = 0) -> None:
    """Wait for a recorded program."""
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == expected, said


def tell(process: subprocess.Popen[str], *words: str, until: str = "") -> None:
    """Write each word as a line to a program, and wait until it has printed a line with `until`."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(f"{word}\n" for word in words))
    process.stdin.flush()
    while until and until not in process.stdout.readline():
        pass


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"http://\S+?:\d+", said)
    assert found, said
    return found.group()
