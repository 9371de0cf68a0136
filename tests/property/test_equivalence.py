"""Random programs do the same with probes as without: output, exception, traceback, names.

`HYPOTHESIS_PROFILE=long` looks further.
"""

import os
import tempfile
import warnings
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings

from rewind.model.events import Control
from tests.instrumented import Outcome, both, plain_code, record, run, write
from tests.property.programs import program
from tests.spool_reading import Spool, tell

EXAMPLES = {"ci": 300, "long": 20_000}[os.environ.get("HYPOTHESIS_PROFILE", "ci")]

_looks = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="HYPOTHESIS_PROFILE" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _compiles(folder: Path, source: str) -> bool:
    try:
        plain_code(write(folder, source))
    except SyntaxError:
        return False
    return True


def _names(outcome: Outcome) -> dict[str, object]:
    """Return the module's names and what their values look like."""
    names = outcome.namespace.items()
    return {name: _look(value, 4) for name, value in names if name != "__builtins__"}


def _look(value: object, depth: int) -> object:
    """Return something comparable; the program's own code, which needs its probes, is not run."""
    if isinstance(value, (int, str, type(None))):
        return value
    if not depth:
        return "..."
    if type(value) in (list, tuple):
        return [_look(one, depth - 1) for one in value]  # type: ignore[attr-defined]
    if type(value) is dict:
        return [(_look(k, depth - 1), _look(v, depth - 1)) for k, v in value.items()]
    attributes = vars(value) if type(value).__name__ in ("Box", "Made", "Odd") else {}
    return type(value).__name__, _look(attributes, depth - 1)


@_looks
@given(program())
def test_random_program_does_the_same(source: str) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assume(_compiles(Path(folder), source))
        plain, instrumented = both(Path(folder), source)
    assert instrumented.stdout == plain.stdout
    assert instrumented.traceback == plain.traceback
    assert instrumented.stderr == plain.stderr
    assert _names(instrumented) == _names(plain)


@settings(_looks, max_examples=EXAMPLES // 3)
@given(program())
def test_recording_of_a_random_program_is_whole(source: str) -> None:
    """No probe fails, every event is its top frame's, and each session ends with an empty stack."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assume(_compiles(Path(folder), source))
        _, spool = record(Path(folder), source)
    assert [one for one in spool.reports if one["what"] == "probe-fault"] == []
    assert len(spool.controls(Control.FINISH)) == len(spool.sessions)
    assert _events_are_their_frames(spool)


def _events_are_their_frames(spool: Spool) -> bool:
    stack: list[str] = []
    handles: dict[int, str] = {}
    for one in spool.records:
        if not hasattr(one, "kind"):
            if one.control == Control.UNWIND:
                del stack[len(stack) - one.rest[0] :]
            elif one.control == Control.SUSPEND:
                del stack[stack.index(handles[one.rest[0]]) :]
            elif one.control == Control.REENTER:
                stack.append(handles[one.rest[0]])
            continue
        if one.kind == "call":
            stack.append(one.function)
            if len(one.payload) > one.parameters + 1:
                handles[one.payload[0]] = one.function
        elif one.kind == "resume" and (not stack or stack[-1] != one.function):
            stack.append(one.function)
        assert stack, tell(one)
        assert stack[-1] == one.function, (stack, tell(one))
        if one.kind in ("return", "yield") or (one.kind, one.detail) == ("exception", "exit"):
            stack.pop()
    return not stack


def test_program_that_runs_itself_out_is_the_same(tmp_path: Path) -> None:
    """The growth's own seed: the head alone, run both ways."""
    from tests.property.programs import HEAD

    path = write(tmp_path, HEAD)
    assert run(plain_code(path), path).traceback == ""
