"""Runs every tool on a workload, in rounds: each tool once, then each once more.

What the machine does meanwhile falls on all of them. A tool is held against the plain run of the
same round and of the same size; one that fails or takes too long is left out of further rounds.
"""

import sys
from dataclasses import dataclass, field

from peers.environment import ChildError, Environment, scratch
from peers.tools import PLAIN, REWIND, Tool
from peers.workloads import Workload

LIMIT_SECONDS = 120.0


@dataclass
class Runs:
    """What was measured of one tool on one workload."""

    tool: Tool
    size: int
    plain: list[float] = field(default_factory=list)
    """Seconds of the plain program, round by round."""
    seconds: list[float] = field(default_factory=list)
    """Seconds under the tool, in the same rounds."""
    captured: dict[str, float] = field(default_factory=dict)
    """What it wrote, for each unit of work."""
    trouble: str = ""


class Measurement:
    """One workload on one Python under all tools. Used once."""

    def __init__(
        self, environment: Environment, workload: Workload, tools: list[Tool], clock: str
    ) -> None:
        self._environment = environment
        self._workload = workload
        self._clock = clock
        self.runs = [Runs(tool, workload.units(tool.share)) for tool in tools]
        self._result: dict[int, object] = {}

    def events(self) -> dict[str, float]:
        """What Rewind records of one unit of work: the events that every cost is divided by."""
        # The difference of two sizes: a program's preparation is recorded too, and does not count.
        step = self._workload.units(250)
        small, large = (self._recorded(size) for size in (step, 2 * step))
        return {kind: (large[kind] - small.get(kind, 0)) / step for kind in large}

    def _recorded(self, size: int) -> dict[str, float]:
        with scratch() as folder:
            self._environment.run(REWIND, self._workload, size, folder, LIMIT_SECONDS)
            return self._environment.captured(REWIND, self._workload.module, folder)

    def round(self, number: int) -> None:
        """Run every tool once, and the plain program at each size that a tool has."""
        plain = {size: self._plain(size) for size in dict.fromkeys(runs.size for runs in self.runs)}
        turn = number % len(self.runs)
        for runs in self.runs[turn:] + self.runs[:turn]:
            if runs.trouble:
                continue
            try:
                seconds = plain[runs.size] if runs.tool.name == PLAIN else self._under(runs)
            except ChildError as error:
                runs.trouble = str(error)
                continue
            runs.plain.append(plain[runs.size])
            runs.seconds.append(seconds)
        sys.stderr.write(".")
        sys.stderr.flush()

    def _plain(self, size: int) -> float:
        with scratch() as folder:
            told = self._environment.run(PLAIN, self._workload, size, folder, LIMIT_SECONDS)
        self._result[size] = told["result"]
        return float(told[self._clock])

    def _under(self, runs: Runs) -> float:
        name, module = runs.tool.name, self._workload.module
        with scratch() as folder:
            told = self._environment.run(name, self._workload, runs.size, folder, LIMIT_SECONDS)
            if told["result"] != self._result[runs.size]:
                message = "the program computed something else"
                raise ChildError(message)
            if runs.tool.is_peer and not runs.captured:
                found = self._environment.captured(name, module, folder)
                runs.captured = {kind: count / runs.size for kind, count in found.items()}
            elif name.startswith(REWIND):
                total = self._environment.captured("total", module, folder)
                if total["dropped"]:
                    runs.trouble = f"{total['dropped']} events dropped"
        return float(told[self._clock])
