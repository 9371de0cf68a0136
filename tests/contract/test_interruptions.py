"""Whatever comes in the middle of whatever, stack and segments stay whole.

A trace function strikes at one step after the other, the Python core's own among them. After each
blow the same work is done once more, untouched: it must be told as it was the first time.
"""

import dis
import gc
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests import instrumented
from tests.contract.many_kinds import stories, worked
from tests.instrumented import CORES
from tests.property.well_formed import check
from tests.spool_reading import Spool, read

MOST_BLOWS = 300
"""Where the steps are more, so many of them are taken."""


pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")


@pytest.fixture(autouse=True, params=CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The core that is struck."""
    chosen: str = request.param
    monkeypatch.setattr(instrumented, "default_core", chosen)
    return chosen


@cache
def operations(code: CodeType) -> dict[int, str]:
    """Return a code's operations by their offset."""
    return {one.offset: one.opname for one in dis.get_instructions(code)}


def looks(operation: str | None) -> bool:
    """Whether the interpreter looks for signals when it has done this.

    As its own source has it: where a function begins or is resumed, where a loop goes back, and
    behind a call, but not one of what it does itself (`CALL_INTRINSIC_1`).
    """
    return (
        operation is not None
        and operation.startswith(("RESUME", "JUMP_BACKWARD", "CALL"))
        and not operation.startswith("CALL_INTRINSIC")
    )


def stepping(
    work: Callable[[], object], at: int, strike: Callable[[], None], inside: str = ""
) -> int:
    """Call `work`; where a signal could come the `at`-th time call `strike`, from a trace function.

    Returns how often it could have come; `inside` a file, if one is named.
    """
    steps = 0
    before: dict[int, str | None] = {}

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        if event == "call":
            before[id(frame)] = None
        elif event == "opcode":
            last, before[id(frame)] = before[id(frame)], operations(frame.f_code)[frame.f_lasti]
            if looks(last) and inside in ("", frame.f_code.co_filename):
                steps += 1
                if steps == at:
                    sys.settrace(None)
                    strike()
        return trace

    # The collector would run finalizers of others, which keep what is raised in them.
    gc.disable()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
        gc.enable()
    return steps


def blows(steps: int) -> list[int]:
    """Return at which steps to strike, evenly spread where they are many."""
    apart = max(1.0, steps / MOST_BLOWS)
    return [1 + int(place * apart) for place in range(int(steps / apart))]


class Struck(KeyboardInterrupt):
    """What a handler of SIGINT raises."""


def interrupt() -> None:
    raise Struck


def faults(spool: Spool) -> list[dict[str, Any]]:
    return [one for one in spool.reports if one["what"] == "probe-fault"]


def test_an_interrupt_at_any_step_is_the_programs_and_leaves_all_whole(tmp_path: Path) -> None:
    with worked(tmp_path) as (made, work):
        plain = work()
        steps = stepping(work, 0, interrupt)
        for at in blows(steps):
            with pytest.raises(Struck):
                stepping(work, at, interrupt)
            assert work() == plain, f"after step {at} of {steps}"
        spool = made.read()
    told = stories(spool)
    whole = told[0]
    assert len(whole) > 2000
    assert faults(spool) == []
    # Every second one from here on is of untouched work.
    assert told.count(whole) >= 3 + len(blows(steps))


def test_the_recursion_limit_at_any_step_is_the_programs_and_leaves_all_whole(
    tmp_path: Path,
) -> None:
    def down(n: int, work: Callable[[], object]) -> object:
        return work() if n == 0 else down(n - 1, work)

    def depth() -> int:
        frame: FrameType | None = sys._getframe()
        count = 0
        while frame is not None:
            frame, count = frame.f_back, count + 1
        return count

    with worked(tmp_path) as (made, work):
        plain, room, failed = work(), sys.getrecursionlimit() - depth(), 0
        for n in range(room - 40, room):
            try:
                assert down(n, work) == plain
            except RecursionError:
                failed += 1
            assert work() == plain, f"after {n} frames of {room}"
        spool = made.read()
    told = stories(spool)
    # From 3.12 on, what runs in C needs none of that room.
    least = 5 if sys.version_info < (3, 12) else 1
    assert least < failed < 40
    assert faults(spool) == []
    assert told.count(told[0]) >= 42


def test_a_fork_at_any_step_leaves_both_with_a_recording_that_is_whole(tmp_path: Path) -> None:
    children: list[int] = []

    with worked(tmp_path) as (made, work):

        def fork() -> None:
            child = os.fork()
            if child == 0:
                made.core.after_fork()
            children.append(child)

        plain = work()
        steps = stepping(work, 0, fork, inside=work.__code__.co_filename)
        points = blows(steps)[:: MOST_BLOWS // 50]
        for at in points:
            done = 1
            try:
                stepping(work, at, fork, inside=work.__code__.co_filename)
                done = int(work() != plain)
            finally:
                if children[-1] == 0:
                    made.core.close({"wall_ns": 0, "monotonic_ns": 0})
                    os._exit(done)
            assert os.waitstatus_to_exitcode(os.waitpid(children[-1], 0)[1]) == 0, f"step {at}"
            assert work() == plain
        made.close()
    parent = read(made.folder, os.getpid())
    told = stories(parent)
    # All that the parent did is told, the two before the first fork among it.
    assert told == [told[0]] * (3 + 3 * len(points))
    check(parent)
    assert faults(parent) == []
    for child in children:
        of_child = read(made.folder, child)
        assert stories(of_child)[-1] == told[0]
        assert faults(of_child) == []
