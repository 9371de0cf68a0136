"""What became of each module: recorded, recorded in part, or not, and why.

One fold for both who ask: `rewind doctor` folds what the hook says before a program runs, replay
folds what the hook said while it ran. So a forecast and a recording mean the same.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from rewind.model.notes import PATHS

RECORDED: Final = "recorded"
PART: Final = "part"
NOT: Final = "not"
STATUSES: Final = (RECORDED, PART, NOT)

MODULE_SKIPPED: Final = "module-skipped"
MODULE_FAILED: Final = "module-failed"
CONSTRUCT_SKIPPED: Final = "construct-skipped"
PROBE_FAULT: Final = "probe-fault"
PROCESS_REPLACED: Final = "process-replaced"
"""What a report (`docs/format.md`, record -18) is about."""


class Said(NamedTuple):
    """One report, as the hook or the capture core made it."""

    what: str
    name: str
    why: str
    line: int | None = None


class Gap(NamedTuple):
    """A construct of a module that stays plain."""

    line: int | None
    why: str
    """The construct, a colon, and the reason."""


class ModuleReport(NamedTuple):
    """What became of one module."""

    name: str
    path: str | None
    """Of its file; None where no report says it."""
    status: str
    """`RECORDED`, `PART` or `NOT`."""
    why: str
    """Of `NOT`, for a person; else empty."""
    gaps: tuple[Gap, ...] = ()
    """Of `PART`, in the order of lines."""


def module_reports(
    loaded: Iterable[tuple[str, str]], said: Iterable[Said]
) -> tuple[ModuleReport, ...]:
    """Return one report for each module, in the order of names.

    `loaded` gives name and path of each module that was given probes. A module that several
    processes loaded counts once; it is recorded if one of them recorded it.
    """
    reports = list(said)
    gaps = _gaps(reports)
    found: dict[str, ModuleReport] = {}
    for report in reports:
        if report.what in {MODULE_SKIPPED, MODULE_FAILED}:
            found[report.name] = ModuleReport(report.name, None, NOT, report.why)
    for name, path in loaded:
        if path in PATHS:
            continue
        left_out = gaps.get(name, ())
        found[name] = ModuleReport(name, path, PART if left_out else RECORDED, "", left_out)
    return tuple(found[name] for name in sorted(found))


def _gaps(said: Iterable[Said]) -> dict[str, tuple[Gap, ...]]:
    found: dict[str, set[Gap]] = {}
    for report in said:
        if report.what == CONSTRUCT_SKIPPED:
            found.setdefault(report.name, set()).add(Gap(report.line, report.why))
    return {name: tuple(sorted(each, key=_place)) for name, each in found.items()}


def _place(gap: Gap) -> tuple[int, str]:
    return gap.line or 0, gap.why


def counts(reports: Iterable[ModuleReport]) -> dict[str, int]:
    """Return how many modules have each status."""
    found = dict.fromkeys(STATUSES, 0)
    for report in reports:
        found[report.status] += 1
    return found
