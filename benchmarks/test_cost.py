"""What recording costs: the same program plain and recorded, side by side, in one run.

Prints the ratio of the program's own time and the ns above plain for each event, the median of
interleaved rounds. The machine may be slow or busy, so nothing is held against a clock: the cost of
an event is held against the cost of an empty Python call measured in the same rounds.
"""

import json
import statistics
import subprocess
import sys
import timeit
from pathlib import Path

import pytest
from workloads import WORKLOADS

PROGRAM = Path(__file__).with_name("workloads.py")
ROUNDS = 5
MOST_EMPTY_CALLS = {"calls": 150, "loops": 150, "objects": 1500, "parser": 420}
"""As many empty Python calls an event of the Python core may cost: up to twice today's figure."""


def own_seconds(command: list[str], folder: Path) -> float:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


def empty_call_ns() -> float:
    def empty() -> None:
        pass

    return min(timeit.repeat(empty, number=20_000, repeat=5)) / 20_000 * 1e9


def events_of_last(folder: Path) -> int:
    listed = subprocess.run(
        [sys.executable, "-m", "rewind", "sessions", "--json", "--limit", "1"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    events: int = json.loads(listed.stdout.splitlines()[0])["events"]
    return events


@pytest.mark.parametrize("name", sorted(WORKLOADS))
def test_recording_costs_a_bounded_number_of_empty_calls(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recording a workload costs at most so many empty calls for each event."""
    plain = [sys.executable, str(PROGRAM), name]
    recorded = [sys.executable, "-m", "rewind", "run", str(PROGRAM), name]
    pairs = [(own_seconds(plain, tmp_path), own_seconds(recorded, tmp_path)) for _ in range(ROUNDS)]
    empty = empty_call_ns()
    before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
    events = events_of_last(tmp_path)
    each = (after - before) / events * 1e9
    with capsys.disabled():
        print(
            f"\n{name:8} {after / before:6.1f}x plain, {each:6.0f} ns an event above plain, ",
            end="",
        )
        print(f"{events:,} events, {each / empty:.0f} empty calls each", end="")
    assert each < MOST_EMPTY_CALLS[name] * empty
