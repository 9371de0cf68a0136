"""Counts the instructions of a program, plain and recorded, under valgrind's callgrind.

Where the machine is too busy for a clock. The difference between two sizes is taken, so that the
interpreter's start, imports and the end of a recording do not count.
"""

from peers.environment import Environment, scratch
from peers.tools import PLAIN
from peers.workloads import Workload

LIMIT_SECONDS = 900.0
LEAST = 20
"""Units of the smaller size: a server's first requests import what the others find."""


def for_unit(environment: Environment, tool: str, workload: Workload) -> float:
    """Return the instructions of one unit of work under a tool."""
    size = max(workload.units(100), LEAST)
    small, large = (_total(environment, tool, workload, units) for units in (size, 2 * size))
    return (large - small) / size


def _total(environment: Environment, tool: str, workload: Workload, size: int) -> int:
    with scratch() as folder:
        return environment.instructions(tool, workload, size, folder, LIMIT_SECONDS)


def line(environment: Environment, tool: str, workload: Workload, events: dict[str, float]) -> str:
    """Return what a tool adds to the plain program, as a sentence."""
    plain, under = (for_unit(environment, name, workload) for name in (PLAIN, tool))
    added = (under - plain) / events["events"]
    return f"{workload.name}: {tool} adds {added:,.0f} instructions an event ({under / plain:.1f}x)"
