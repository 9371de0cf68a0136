"""Any program does the same with probes, and its recording keeps the format's rules."""

import gc
import io
import linecache
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings

from tests.instrumented import plain_code, recording, run, write
from tests.property.programs import choices, programs
from tests.property.well_formed import check
from tests.spool_reading import Spool
from tests.whereabouts import stood

pytestmark = pytest.mark.timeout(0)  # hypothesis keeps the time

_UNBOUND = re.compile(r", line \d+(, in .+)\n.+\n(?:[ |]*\^+\n)?([ |]*UnboundLocalError)")
"""How a traceback ends that Python 3.11 may tell of the instruction before (`differences.md`)."""
_PLAIN = (int, str, float, bool, type(None))


class Seen(NamedTuple):
    """All that a run shows."""

    traceback: list[str]
    printed: list[str]
    names: dict[str, str]
    """What the module's names stood for at the end."""


def told(value: Any, depth: int = 4) -> str:
    """Return what a value is, where that is the same in every run."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, (list, tuple)) and depth:
        return f"{type(value).__name__} {[told(one, depth - 1) for one in value]}"
    if isinstance(value, dict) and depth:
        return str({told(key): told(one, depth - 1) for key, one in value.items()})
    kind = type(value).__qualname__
    own = getattr(value, "__qualname__", kind)
    inside = depth and kind.startswith(("Thing", "Kind_"))
    return f"{kind} {own} {told(vars(value), depth - 1) if inside else ''}"


def observed(code: CodeType, path: Path) -> Seen:
    """Run a module and return what is seen of it; nothing of it is left."""
    with silence():
        outcome = run(code, path)
        names = {
            name: told(value)
            for name, value in outcome.namespace.items()
            if name not in ("__builtins__", "__warningregistry__")
        }
        # What still hangs in its generators runs now, while there are probes.
        outcome.namespace.clear()
        gc.collect()
    return Seen(lines(outcome.traceback), lines(outcome.stdout + outcome.stderr), names)


def lines(text: str) -> list[str]:
    """Return a text's lines without what differs from run to run."""
    text = re.sub(r"\b0x[0-9a-f]+", "0x", text)
    if sys.version_info < (3, 12):
        text = _UNBOUND.sub(r"\1\n\2", text)
    return text.splitlines()


def lost(what: "sys.UnraisableHookArgs") -> None:
    """Show an exception that nobody can catch among what the program prints."""
    sys.stdout.write(f"lost {what.exc_value!r}\n")


@contextmanager
def silence() -> Iterator[None]:
    """Collect no garbage meanwhile, for that runs code at a time of its own; show no warnings."""
    gc.disable()
    gc.freeze()  # what is older is none of the program's, and takes time to look through
    hook, sys.unraisablehook = sys.unraisablehook, lost
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.unraisablehook = hook
        gc.unfreeze()
        gc.enable()


def recorded(folder: Path, path: Path, **more: Any) -> tuple[Seen, Spool]:
    """Run a file instrumented."""
    with recording(
        folder / "spool", segment_bytes=1 << 15, spool_max_bytes=1 << 30, **more
    ) as made:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = made.code(path)
        return observed(code, path), made.read()


@given(programs() | programs(crowd=True), choices())
def test_a_program_does_the_same_with_probes(source: str, more: dict[str, Any]) -> None:
    """Output in its order, the traceback with its carets, and the final names are equal."""
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name), source)
        linecache.clearcache()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = plain_code(path)
        without = observed(code, path)
        seen, _ = recorded(Path(name), path, **more)
        assert seen == without


@given(programs(), choices())
def test_a_recording_keeps_the_rules_of_its_format(source: str, more: dict[str, Any]) -> None:
    """Every frame that a call opens ends once, and every event is the top frame's."""
    with tempfile.TemporaryDirectory() as name:
        _, spool = recorded(Path(name), write(Path(name), source), **more)
        check(spool)


@given(programs(crowd=True, noting="where = here()"), choices())
@settings(max_examples=settings().max_examples // 4)
def test_call_stacks_are_where_the_program_was(source: str, more: dict[str, Any]) -> None:
    """At each place that notes where it is; and all the frames end."""
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name), source)
        _, spool = recorded(Path(name), path, max_value_bytes=1 << 16, **more)
        check(spool)
        for kind, truth, told in stood(spool):
            was, is_told = functions(truth), functions(told)
            # Below a task lies what runs the loop.
            assert was[-len(is_told) :] == is_told if kind == "task" else was == is_told


def functions(stack: str) -> list[str]:
    """Return the functions of a stack, without what is recorded by some settings only."""
    return [
        name
        for name in stack.split(" > ")
        if name == "<module>" or not re.search(r"(<\w+>|\bKind_\d+)$", name)
    ]
