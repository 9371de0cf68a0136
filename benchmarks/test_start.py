"""What a recorded program waits for before its first line, and after its last.

The recording half is imported in a fresh process each time, by the processor's clock. A whole
`rewind run` is timed by the wall, as it waits for its writer: the least of many rounds is what it
takes where no other work holds it up. The first run makes database and cache, and does not count.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = 15
MOST_IMPORT_S = 0.040
"""Seconds of the processor that the import of the recording half may take."""
MOST_RUN_S = 0.35
"""Seconds that a recorded `print(1)` may take in all, until it is stored."""

IMPORT = """
import time
started = time.process_time()
import rewind.agent.program
print(time.process_time() - started)
"""


def plain_environment() -> dict[str, str]:
    """The environment without what slows Python down or speeds it up."""
    return {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}


def told(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}", end="")


def test_import_of_the_recording_half(capsys: pytest.CaptureFixture[str]) -> None:
    """The recording half is imported in under 40 ms."""
    least = min(_imported() for _ in range(ROUNDS))
    told(capsys, f"import of the recording half: {least * 1000:.0f} ms")
    assert least <= MOST_IMPORT_S


def test_recorded_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recorded `print(1)` takes at most 0.35 s, storing included."""
    (tmp_path / "one.py").write_text("print(1)\n")
    _recorded(tmp_path)
    least = min(_recorded(tmp_path) for _ in range(ROUNDS))
    told(capsys, f"a recorded print(1): {least * 1000:.0f} ms")
    assert least <= MOST_RUN_S


def _imported() -> float:
    command = [sys.executable, "-c", IMPORT]
    environ = plain_environment()
    return float(subprocess.run(command, env=environ, capture_output=True, check=True).stdout)


def _recorded(folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "rewind", "run", "one.py"],
        cwd=folder,
        env={**plain_environment(), "REWIND_CACHE": str(folder / "cache")},
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started
