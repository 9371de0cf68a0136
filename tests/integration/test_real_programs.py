"""Programs that no one here wrote, recorded as a user would, held against an independent witness.

The witness is `sys.settrace` in a run of its own (`tests/data/trace_calls.py`): the recording must
know the same functions, each called as often, and the same last value of every plain local.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.integration.terminal import ROOT, Done, answers, errors_of, python, rewind

DATA = ROOT / "tests" / "data"
PROGRAMS = {
    "sqlparse": ["--reindent", "--keywords", "upper", DATA / "orders.sql"],
    "markdown": ["-x", "tables", "-x", "toc", DATA / "notes.md"],
}


class Ran(NamedTuple):
    """A frame as one of the two tells it."""

    module: str
    function: str
    last: dict[str, Any]
    """Name to last value."""


class Recorded(NamedTuple):
    """A program run plain, run under Rewind, and watched by the witness."""

    plain: Done
    under_rewind: Done
    events: list[dict[str, Any]]
    witnessed: list[Ran]


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Each program, run three times."""
    package: str = request.param
    folder = tmp_path_factory.mktemp(package)
    arguments = PROGRAMS[package]
    plain = python(folder, "-m", package, *arguments)
    under_rewind = rewind(folder, "run", "--include", f"{package}*", "-m", package, *arguments)
    told = folder / "frames.json"
    watched = python(folder, DATA / "trace_calls.py", told, package, *arguments)
    assert watched.stdout == plain.stdout
    witnessed = [Ran(*frame) for frame in json.loads(told.read_text())]
    return Recorded(plain, under_rewind, answers(folder, "events", "last"), witnessed)


def frames_of(events: list[dict[str, Any]]) -> Iterator[Ran]:
    """Yield the recording's frames in the order in which they began."""
    frames: dict[int, Ran] = {}
    for event in events:
        kind, name = event["kind"], event["name"]
        if kind == "call":
            frames[event["n"]] = Ran(event["module"], event["function"], dict(event["value"]))
        elif kind in ("variable", "mutate"):
            frames[event["frame"]].last[name] = event["value"]
        elif kind == "delete":
            frames[event["frame"]].last.pop(name, None)
    yield from frames.values()


def test_output_is_the_same_byte_for_byte(recorded: Recorded) -> None:
    plain, under_rewind = recorded.plain, recorded.under_rewind
    assert plain.stdout
    assert (under_rewind.stdout, errors_of(under_rewind)) == (plain.stdout, plain.stderr)
    assert under_rewind.returncode == plain.returncode == 0


def test_same_functions_are_called_as_often(recorded: Recorded) -> None:
    calls = Counter((ran.module, ran.function) for ran in frames_of(recorded.events))
    seen = Counter((ran.module, ran.function) for ran in recorded.witnessed)
    assert len(seen) > 100
    assert calls == seen


def test_last_value_of_every_plain_local_is_the_same(recorded: Recorded) -> None:
    compared = 0
    pairs = zip(frames_of(recorded.events), recorded.witnessed, strict=True)
    for number, (ran, witnessed) in enumerate(pairs):
        assert ran[:2] == witnessed[:2], f"frame {number} is another one"
        for name, value in witnessed.last.items():
            assert name in ran.last, f"{name} of {ran.function} is not recorded"
            last = ran.last[name]
            if isinstance(last, dict) and {"$cut", "$redacted"} & last.keys():
                continue
            assert last == value, f"{name} of {ran.function}, frame {number}"
            compared += 1
    assert compared > 1000


def test_branches_went_both_ways(recorded: Recorded) -> None:
    """Every outcome is a truth, and tests of both kinds were met."""
    outcomes = Counter(
        (event["detail"], event["value"]) for event in recorded.events if event["kind"] == "branch"
    )
    assert outcomes["if", True] > 50
    assert outcomes["if", False] > 50
    assert {type(value) for kind, value in outcomes if kind != "match"} == {bool}
