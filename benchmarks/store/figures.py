"""Times of many samples, by two clocks, and how they stand to what was promised."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

FLAT = 1.5
"""Times that a larger session may take where its size is said not to matter."""
NOISE_MS = 10.0
"""What it takes to decode a chunk that another run happened to have kept: no more is no growth."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; times in milliseconds unless the unit says otherwise."""

    what: str
    where: str
    """The session, workload or database."""
    samples: int
    median: float
    p95: float
    """By the wall."""
    processor_p95: float | None
    """By the clock of the asking process; None where another one does the work."""
    bar: float
    unit: str = "ms"

    @property
    def verdict(self) -> str:
        """Whether the bar is reached, and by which clock."""
        if self.p95 <= self.bar:
            return "reached"
        if self.processor_p95 is not None and self.processor_p95 <= self.bar:
            return "by the processor"
        return "not reached"

    def to_json(self) -> dict[str, object]:
        """Return it as an object."""
        return {**asdict(self), "verdict": self.verdict}


Sample = tuple[float, float]
"""Milliseconds by the wall, and of this process on a processor."""


def timed(ask: Callable[[], object]) -> Sample:
    """Return how long something took."""
    wall, processor = perf_counter(), process_time()
    ask()
    return (perf_counter() - wall) * 1e3, (process_time() - processor) * 1e3


def figure(what: str, where: str, samples: Sequence[Sample], bar: float) -> Figure:
    """Sum up samples."""
    walls, processors = (sorted(column) for column in zip(*samples, strict=True))
    return Figure(
        what, where, len(walls), at(walls, 0.5), at(walls, 0.95), at(processors, 0.95), bar
    )


def at(ordered: Sequence[float], share: float) -> float:
    """Return the least value that so large a share of all does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Iterable[Figure]) -> list[str]:
    """Return the figures as lines."""
    head = f"{'':44}{'':>18}{'median':>10}{'p95':>10}{'processor':>11}{'bar':>9}"
    return [head, *map(_line, figures)]


def _line(one: Figure) -> str:
    processor = "" if one.processor_p95 is None else f"{one.processor_p95:.1f}"
    bar = f"{one.bar:g} {one.unit}"
    numbers = f"{one.median:>10.1f}{one.p95:>10.1f}{processor:>11}{bar:>14}"
    return f"{one.what:44}{one.where:>18}{numbers}  {one.verdict}"


def growth(figures: Sequence[Figure], small: str, large: str) -> list[str]:
    """Return, of each question, whether it takes longer in the large session."""
    lines = []
    for one in figures:
        other = next((f for f in figures if (f.what, f.where) == (one.what, large)), None)
        if one.where != small or other is None:
            continue
        # By the processor: what else runs on the machine is not the session's doing.
        before, after = one.processor_p95 or one.p95, other.processor_p95 or other.p95
        is_flat = after <= max(before * FLAT, before + NOISE_MS)
        word = "flat" if is_flat else f"grows {after / before:.1f} times"
        lines.append(f"{one.what:44} {before:.1f} -> {after:.1f} ms: {word}")
    return lines
