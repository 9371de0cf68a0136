"""What the recording half imports: the recorded program waits for it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SLOW = {"asyncio", "dataclasses", "email", "importlib.metadata", "inspect", "subprocess"}
"""Modules of the standard library that take long to import, and that recording can do without."""


@pytest.mark.parametrize("way_in", ["rewind.agent.program", "rewind.agent.autostart"])
def test_the_recording_half_imports_nothing_slow(way_in: str) -> None:
    # What start-up hooks of installed packages import is there in any case.
    program = f"""
import sys
before = set(sys.modules)
import {way_in}
print(*(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert SLOW & set(done.stdout.split()) == set()
