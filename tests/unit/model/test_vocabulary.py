"""`docs/format.md` and the model say the same, so that a stranger can trust either."""

import builtins
import re
from enum import IntEnum
from pathlib import Path

import pytest

from rewind.capture import create_core
from rewind.config import Settings
from rewind.model import events, probes, sites, values
from rewind.model.events import Control

ROOT = Path(__file__).parents[3]
FORMAT = (ROOT / "docs" / "format.md").read_text("utf-8")
VALUES = (ROOT / "rewind" / "model" / "values.py").read_text("utf-8")


def documented_kinds() -> list[str]:
    """Return the first column of the table of events."""
    table = FORMAT.split("### Events")[1].split("\n\n")[1:]
    rows = next(part for part in table if part.startswith("| kind"))
    return re.findall(r"^\| `([a-z]+)` \|", rows, re.MULTILINE)


def documented_controls() -> dict[int, str]:
    """Return the numbers of the table of control records, each with the names of what follows."""
    table = FORMAT.split("### Control records")[1]
    rows = re.findall(r"^\| `\[(-\d+), ([^\]]+)\]` \| `[A-Z]+` \|", table, re.MULTILINE)
    return {int(number): rest for number, rest in rows}


def documented_nodes() -> dict[tuple[int, str], str]:
    """Return the table of nodes: tag and name, and what follows the tag in the array."""
    rows = re.findall(r"^\| `\[(\d+), ([^\]]+)\]` \| `([A-Z]+)` \|", FORMAT, re.MULTILINE)
    return {(int(number), name): rest for number, rest, name in rows}


def members(enumeration: type[IntEnum]) -> dict[str, int]:
    return {member.name: member.value for member in enumeration}


def test_every_kind_of_event_has_its_row() -> None:
    assert sorted(documented_kinds()) == sorted(events.KINDS)


def test_every_kind_has_one_constant() -> None:
    constants = [
        value for name, value in vars(events).items() if name.isupper() and type(value) is str
    ]
    assert sorted(constants) == sorted(events.KINDS)
    assert len(set(events.KINDS)) == len(events.KINDS)
    assert events.KINDS[: len(events.FRAME_KINDS)] == events.FRAME_KINDS


def test_every_control_record_has_its_row() -> None:
    assert set(documented_controls()) == {control.value for control in Control}
    assert all(control < 0 for control in Control)


@pytest.mark.parametrize("control", Control, ids=lambda control: control.name)
def test_the_model_gives_a_control_record_the_elements_of_the_document(control: Control) -> None:
    source = (ROOT / "rewind" / "model" / "events.py").read_text("utf-8")
    told = re.search(rf"`\[{control.name}, ([^\]]+)\]`", source)
    assert told is not None
    assert told[1] == documented_controls()[control]


def test_every_tag_says_what_array_it_begins() -> None:
    told = re.findall(r"^    (\w+) = (\d+)  # \[(\w+), ([^\]]+)\]", VALUES, re.MULTILINE)
    assert {name: int(number) for name, number, *_ in told} == members(values.Tag)
    assert all(name == first for name, _, first, _ in told)
    assert {(int(number), name): rest for name, number, _, rest in told} == documented_nodes()


def test_control_records_and_reasons_have_their_names_in_the_document() -> None:
    controls = re.findall(r"^\| `\[(-\d+), [^\]]+\]` \| `([A-Z]+)` \|", FORMAT, re.MULTILINE)
    assert {name: int(number) for number, name in controls} == members(Control)
    reasons = re.findall(r"^\| (\d+) \| `([A-Z]+)` \|", FORMAT, re.MULTILINE)
    assert {name: int(number) for number, name in reasons} == members(values.Omission)


@pytest.mark.parametrize("tag", sorted(set(re.findall(r"`([A-Z]{3,})`", FORMAT))))
def test_a_name_in_capitals_in_the_document_is_in_the_model(tag: str) -> None:
    known = {**members(values.Tag), **members(Control), **members(values.Omission)}
    assert tag in known or tag in {"RWND", "RWNE"}


def test_what_is_written_as_a_number_keeps_it() -> None:
    """Old recordings hold these numbers: one may be added, none may change."""
    assert members(values.Omission) == {
        "DEPTH": 1,
        "ITEMS": 2,
        "BYTES": 3,
        "CHANGED": 4,
        "FAULT": 5,
        "UNBOUND": 6,
        "HIDDEN": 7,
        "OFF": 8,
    }
    assert members(values.Redaction) == {"NAME": 1, "PATTERN": 2}
    assert [tag.value for tag in values.Tag] == list(range(1, 22))
    flavours = sites.PLAIN, sites.GENERATOR, sites.COROUTINE, sites.ASYNC_GENERATOR
    assert flavours == (0, 1, 2, 3)


def test_a_site_is_written_in_the_order_of_its_fields() -> None:
    assert sites.Site._fields == (
        "kind",
        "function",
        "line",
        "column",
        "end_line",
        "end_column",
        "name",
        "detail",
    )
    assert sites.Function._fields == ("qualname", "line", "flavour", "parameters")


def test_no_program_can_spell_a_probe() -> None:
    assert not any((probes.PREFIX + name).isidentifier() for name in probes.NAMES)
    constants = [
        value
        for name, value in vars(probes).items()
        if name.isupper() and type(value) is str and name not in ("PREFIX", "SITE_MARK", "SOON")
    ]
    assert sorted(constants) == sorted(probes.NAMES)


def test_who_lists_the_builtins_takes_probes_for_hidden_names() -> None:
    """`make_dataclass` in CPython's tests takes a field for each builtin that is not hidden."""
    assert all((probes.PREFIX + name).startswith("__") for name in probes.NAMES)


def test_a_core_provides_every_probe(tmp_path: Path) -> None:
    core = create_core(tmp_path, Settings(), {"argv": [], "wall_ns": 0, "monotonic_ns": 0})
    core.probes.install()
    try:
        assert all(callable(getattr(builtins, probes.PREFIX + name)) for name in probes.NAMES)
    finally:
        core.close({"wall_ns": 0, "monotonic_ns": 0})
        for name in probes.NAMES:
            delattr(builtins, probes.PREFIX + name)
