"""What an event costs the writer: its follower in C against the one in Python, in one run.

Nothing is held against a clock, as the machine may be slow.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WRITING = Path(__file__).with_name("writing.py")
LEAST_TIMES_FASTER = {"fib": 12, "loops": 12, "objects": 4}
"""By how much the follower in C must be faster: half of what was measured, about."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", LEAST_TIMES_FASTER)
def test_the_follower_in_c_is_many_times_faster(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taking events in takes the follower in C a small part of what it takes the one in Python."""
    done = subprocess.run(
        [sys.executable, str(WRITING), name], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    seconds, events = found["seconds"], found["events"]
    each = {way: statistics.median(taken) / events * 1e9 for way, taken in seconds.items()}
    writer = (each["native"] + each["stored"]) * events / 1e9
    pairs = zip(seconds["python"], seconds["native"], strict=True)
    faster = statistics.median(python / native for python, native in pairs)
    with capsys.disabled():
        print(f"\n{name}: {events:,} events, {writer / found['plain']:.1f} times the plain program")
        for way, cost in each.items():
            print(f"  {way:7} {cost:6.1f} ns an event")
    assert faster >= LEAST_TIMES_FASTER[name]
