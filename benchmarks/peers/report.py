"""The tables: what each tool costs, and what it really captured."""

from collections.abc import Callable, Iterator

from peers.figures import MOST, Comparison, Figure
from peers.tools import PLAIN, REWIND, SETTRACE

CAPTURED = ("entries", "exits", "values", "exceptions", "branches", "lines")
HEADINGS = ("tool", "units", "x plain", "lowest-highest", "ns/event", "x Rewind", "values")


def lines(comparison: Comparison) -> Iterator[str]:
    """Give the lines of a workload's table."""
    events = comparison.events["events"]
    yield ""
    yield f"### {comparison.workload}, Python {comparison.python}"
    yield ""
    yield f"{events:,.0f} events a unit; Rewind's core: {comparison.core}."
    yield ""
    yield _row((*HEADINGS, *CAPTURED, "bytes"))
    yield _row(["---", *["--:"] * (len(HEADINGS) + len(CAPTURED))])
    for figure in comparison.figures:
        yield _row(_cells(figure, comparison))
    yield ""
    yield from _conclusions(comparison)


def summary(comparisons: list[Comparison]) -> Iterator[str]:
    """Give the lines of two tables for each Python: all tools beside all workloads."""
    for python in dict.fromkeys(comparison.python for comparison in comparisons):
        chosen = [comparison for comparison in comparisons if comparison.python == python]
        yield from _matrix(
            f"Times the plain program, Python {python}", chosen, lambda found: found.ratio
        )
        yield from _matrix(
            f"Nanoseconds above plain for each event, Python {python}",
            chosen,
            lambda found: found.event_ns,
        )


def _matrix(
    title: str, comparisons: list[Comparison], told: Callable[[Figure], float | None]
) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""
    yield _row(["tool", *(comparison.workload for comparison in comparisons)])
    yield _row(["---", *["--:"] * len(comparisons)])
    names = dict.fromkeys(f.tool for comparison in comparisons for f in comparison.figures)
    for name in names:
        if name != PLAIN:
            found = [comparison.figure(name) for comparison in comparisons]
            yield _row([name, *(_entry(figure, told) for figure in found)])


def _entry(figure: Figure | None, told: Callable[[Figure], float | None]) -> str:
    """A figure; in brackets where the tool has recorded too little to be compared."""
    number = None if figure is None else told(figure)
    if figure is None or number is None:
        return "-"
    few = figure.coverage is not None and figure.coverage < MOST
    return f"({_number(number)})" if few else _number(number)


def _cells(figure: Figure, comparison: Comparison) -> list[str]:
    if figure.ratio is None:
        return [figure.tool, str(figure.size), figure.trouble]
    times = comparison.times_rewind(figure)
    cells = [
        figure.tool,
        f"{figure.size}",
        _number(figure.ratio),
        f"{_number(figure.ratio_low)}-{_number(figure.ratio_high)}",
        f"{figure.event_ns:,.0f}",
        "" if times is None or figure.tool == REWIND else _number(times),
        "" if figure.coverage is None else f"{figure.coverage:.0%}",
    ]
    captured = figure.captured
    if figure.tool == REWIND:
        captured = comparison.events
    if captured:
        cells += [f"{captured.get(kind, 0.0):,.0f}" for kind in (*CAPTURED, "bytes")]
    if figure.trouble:
        cells.append(figure.trouble)
    return cells


def _conclusions(comparison: Comparison) -> Iterator[str]:
    rewind = comparison.figure(REWIND)
    if rewind is None:
        return
    best = comparison.best_peer()
    times = comparison.times_rewind(best)
    if best is not None and times is not None:
        yield (
            f"{best.tool} is the cheapest that records {MOST:.0%} of Rewind's values: "
            f"{_number(times)} times Rewind's overhead."
        )
    empty = comparison.times_rewind(comparison.figure(SETTRACE))
    if empty is not None:
        yield f"An empty settrace has {_number(empty)} times Rewind's overhead."


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(number: float) -> str:
    """A figure with as many digits as it deserves."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"
