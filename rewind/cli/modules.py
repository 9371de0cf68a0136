"""What became of modules, as lines for people; of a forecast and of a recording."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rewind.cli.screen import Column, Piece, Screen

Shown = Mapping[str, Any]
"""A JSON object of `docs/json.md`."""

_STYLES = {"recorded": "green", "part": "yellow", "not": "bold red"}
_WORDS = {"recorded": "recorded", "part": "in part", "not": "not"}


def print_modules(screen: Screen, modules: Sequence[Shown]) -> None:
    """Write a table of modules, a line for each construct that stays plain; none: nothing."""
    if modules:
        columns = (Column("MODULE"), Column("RECORDED"), Column("WHY"))
        screen.table(columns, [row for module in modules for row in _rows(module)])
        screen.line()


def _rows(module: Shown) -> Iterator[tuple[str, Piece, str]]:
    status = module["status"]
    reasons = [f"line {gap['line']}: {gap['why']}" for gap in module["gaps"]]
    first, *more = reasons or [module["why"] or ""]
    yield module["name"], Piece(_WORDS[status], _STYLES[status]), first
    for reason in more:
        yield "", Piece(""), reason


def summary(counts: Mapping[str, int]) -> str:
    """Return how many modules are recorded, in one line."""
    return f"{counts['recorded']:,} recorded, {counts['part']:,} in part, {counts['not']:,} not"
