"""The results as a table for a person and as JSON for a program."""

import json
from collections.abc import Sequence

from tests.fidelity.projects.suite import Result

_HEADINGS = (
    "project",
    "Python",
    "core",
    "tests",
    "differences",
    "unstable",
    "plain",
    "recorded",
    "ratio",
    "events",
    "modules",
    "",
)


def table(results: Sequence[Result]) -> str:
    """Return a line for each suite, in columns."""
    rows = [_HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"


def _row(result: Result) -> tuple[str, ...]:
    ratio = result.recorded_s / result.plain_s if result.plain_s else 0
    return (
        f"{result.project} {result.version}",
        result.python,
        result.recording.core,
        f"{result.tests:,}",
        str(len(result.comparison.differences)),
        str(len(result.comparison.unstable)),
        f"{result.plain_s:.1f} s",
        f"{result.recorded_s:.1f} s",
        f"{ratio:.1f}",
        f"{result.recording.events:,}",
        str(len(result.recording.modules)),
        "" if result.holds else "FAILED",
    )


def as_json(results: Sequence[Result]) -> str:
    """Return everything that is known of each suite."""
    return json.dumps([_facts(result) for result in results], indent=1) + "\n"


def _facts(result: Result) -> dict[str, object]:
    return {
        "project": result.project,
        "version": result.version,
        "python": result.python,
        "holds": result.holds,
        "tests": result.tests,
        "plain_seconds": result.plain_s,
        "recorded_seconds": result.recorded_s,
        "core": result.recording.core,
        "events": result.recording.events,
        "events_lost": result.recording.lost,
        "modules": sorted(result.recording.modules),
        "held_back": result.recording.held_back,
        "doubts": result.doubts,
        "differences": [one._asdict() for one in result.comparison.differences],
        "unstable": result.comparison.unstable,
    }
