"""What the measured seconds amount to: ratios, nanoseconds an event, and how far apart they are."""

import statistics
from dataclasses import asdict, dataclass

from peers.rounds import Runs
from peers.tools import REWIND, SETTRACE

KINDS = ("entries", "exits", "values", "exceptions")
"""Kinds of capture that hold values."""
MOST = 0.75
"""The part of Rewind's values that a tool must have recorded to be held against it."""


@dataclass(frozen=True)
class Figure:
    """One tool on one workload."""

    tool: str
    size: int
    plain_ms: float
    ratio: float | None
    """Median over the rounds; None where the tool did not end."""
    ratio_low: float
    ratio_high: float
    event_ns: float
    """Median overhead for each event that Rewind records of the same work."""
    coverage: float | None
    """The part of Rewind's values that the tool recorded; None where it records none."""
    captured: dict[str, float]
    """What the tool wrote for each unit of work."""
    trouble: str


@dataclass(frozen=True)
class Comparison:
    """One workload on one Python."""

    python: str
    workload: str
    core: str
    events: dict[str, float]
    """What Rewind records of one unit of work."""
    figures: list[Figure]

    def figure(self, tool: str) -> Figure | None:
        """Return a tool's figure, where it has one."""
        return next((f for f in self.figures if f.tool == tool and f.ratio is not None), None)

    def best_peer(self) -> Figure | None:
        """Return the cheapest of the tools that record most of what Rewind records."""
        able = [
            figure
            for figure in self.figures
            if figure.ratio is not None and (figure.coverage or 0.0) >= MOST
        ]
        return min(able, key=lambda figure: figure.event_ns, default=None)

    def times_rewind(self, figure: Figure | None) -> float | None:
        """Return how many times Rewind's overhead a tool's is; None where either is unknown."""
        rewind = self.figure(REWIND)
        if figure is None or rewind is None or rewind.event_ns <= 0:
            return None
        return figure.event_ns / rewind.event_ns

    def to_json(self) -> dict[str, object]:
        """Return everything, with the conclusions."""
        best = self.best_peer()
        return asdict(self) | {
            "best_peer": None if best is None else best.tool,
            "best_peer_times_rewind": self.times_rewind(best),
            "settrace_times_rewind": self.times_rewind(self.figure(SETTRACE)),
        }


def figure(runs: Runs, events: dict[str, float]) -> Figure:
    """Return the figure of a tool's runs; `events` is what Rewind records of a unit."""
    pairs = list(zip(runs.plain, runs.seconds, strict=True))
    ratios = sorted(seconds / plain for plain, seconds in pairs)
    count = events["events"] * runs.size
    overheads = [(seconds - plain) / count * 1e9 for plain, seconds in pairs]
    return Figure(
        tool=runs.tool.name,
        size=runs.size,
        plain_ms=statistics.median(runs.plain) * 1e3 if pairs else 0.0,
        ratio=statistics.median(ratios) if pairs else None,
        ratio_low=ratios[0] if pairs else 0.0,
        ratio_high=ratios[-1] if pairs else 0.0,
        event_ns=statistics.median(overheads) if pairs else 0.0,
        coverage=coverage(runs.captured, events) if runs.tool.is_peer and pairs else None,
        captured=runs.captured,
        trouble=runs.trouble,
    )


def coverage(captured: dict[str, float], events: dict[str, float]) -> float:
    """Return which part of Rewind's values a tool recorded; more of one kind is no more."""
    wanted = sum(events.get(kind, 0.0) for kind in KINDS)
    found = sum(min(captured.get(kind, 0.0), events.get(kind, 0.0)) for kind in KINDS)
    return found / wanted
