"""What recording costs: each program plain, with empty probes, and with each core, in one run.

Prints medians over the rounds, with the spread. Nothing is held against a clock, as the machine may
be slow: the cost of an event is held against that of an empty C call, and a program's time against
its plain one, measured in the same run.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CORES = Path(__file__).with_name("cores.py")
MOST_EMPTY_CALLS = {
    "fib": (2.5, 140),
    "loops": (2.5, 50),
    "objects": (22, 4200),
    "parser": (12, 560),
    "tasks": (40, 800),
}
"""As many empty C calls an event may cost, with the native core and with the Python one: what was
promised for numbers and branches, else twice today's figure."""
MOST_TIMES_PLAIN = {"fib": 3.8, "loops": 2.8} if sys.version_info >= (3, 12) else {}
"""As many times as long as plain it may take with the native core, where that is promised."""


def figures(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(CORES), name], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):7.2f} ({min(values):.2f} to {max(values):.2f})"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", MOST_EMPTY_CALLS)
def test_an_event_costs_a_bounded_number_of_empty_calls(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recording a program costs at most so many empty C calls for each event, with either core.

    And the whole program takes at most as many times as long as was promised.
    """
    found = figures(name)
    seconds, empty = found["seconds"], found["empty_call_ns"]
    above, times = {}, {}
    with capsys.disabled():
        print(f"\n{name}: {found['events']:,} events a round, an empty C call {empty:.1f} ns")
        for way in ("floor", "native", "python"):
            pairs = list(zip(seconds[way], seconds["plain"], strict=True))
            each = [(after - before) / found["events"] * 1e9 for after, before in pairs]
            above[way] = statistics.median(each)
            ratios = spread([after / before for after, before in pairs])
            times[way] = statistics.median(after / before for after, before in pairs)
            print(f"  {way:7} {ratios} times plain, {spread(each)} ns an event above plain")
    native, python = MOST_EMPTY_CALLS[name]
    assert times["native"] <= MOST_TIMES_PLAIN.get(name, times["native"])
    assert above["native"] < native * empty
    assert above["python"] < python * empty
