"""The tables of `docs/language.md`: every example makes the event that its row tells."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.instrumented import NAME, record
from tests.spool_reading import Event, Spool

DOCUMENT = Path(__file__).parents[3] / "docs" / "language.md"
_SURROUNDINGS = """
import asyncio
from contextlib import nullcontext
class O: pass
o = O(); o.n, o.rows, o.d = 1, [], {}
a, b, d, items = 1, 2, {}, [3]
def f(x): return x
async def h(x): return x
run = asyncio.run
def suppressed(g):
    try: g()
    except Exception: pass
def example(a, b, d, items):
"""
_VALUE_AT = {"attribute": 1, "item": 2, "resume": 1}
_NO_VALUE = ("loop", "await", "line", "delete")


class Row(NamedTuple):
    """A row of a table."""

    example: str
    kind: str
    place: str
    name: str
    detail: str
    value: str
    setting: str


def rows() -> list[Row]:
    """Return all rows of all tables."""
    lines = re.findall(r"^\| `.*\|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    return [
        Row(*(cell.strip().strip("`") for cell in line.strip("|").split("|"))) for line in lines
    ]


def told(row: Row, folder: Path) -> list[Row]:
    """Return what the row's example makes of its kind."""
    body = row.example.replace(" ↵ ", "\n")
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    outcome, spool = record(
        folder, f"{_SURROUNDINGS}{indented}example(a, b, d, items)\n", **_settings(row.setting)
    )
    assert outcome.traceback == ""
    known = {"<module>", "O", "f", "h", "suppressed"}
    made = [one for one in spool.of(row.kind) if one.function not in known]
    if row.kind in ("call", "return"):
        made = [one for one in made if one.function != "example"]
    source = (folder / f"{NAME}.py").read_text("utf-8").splitlines()
    return [_row(row, one, spool, source) for one in made]


def _settings(text: str) -> dict[str, Any]:
    name, _, value = text.partition(" = ")
    return {name: True if value == "true" else value} if value else {}


def _row(row: Row, event: Event, spool: Spool, source: list[str]) -> Row:
    module = spool.modules[0]
    _, _, line, column, end_line, end_column, *_ = module["sites"][event.site - module["base"]]
    parts = [one.strip() for one in source[line - 1 : end_line]]
    if line == end_line:
        parts = [source[line - 1][column:end_column]]
    name, detail = event.name or "", event.detail or ""
    return Row(row.example, row.kind, " ".join(parts), name, detail, _value(event), row.setting)


def _value(event: Event) -> str:
    if event.kind == "call":
        return repr(event.arguments)
    if event.kind in _NO_VALUE:
        return ""
    return repr(event.values[_VALUE_AT.get(event.kind, 0)])


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.kind} {row.example}")
def test_example_makes_the_event_of_its_row(row: Row, tmp_path: Path) -> None:
    assert row in told(row, tmp_path)


def test_every_kind_that_probes_tell_has_an_example() -> None:
    from rewind.model.events import ASKED_KINDS, DEFAULT_KINDS

    assert {row.kind for row in rows()} == {*DEFAULT_KINDS, *ASKED_KINDS}
