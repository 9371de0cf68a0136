"""coverage.py counts the same lines and branches of a recorded module as of a plain one."""

import io
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import coverage
import pytest

SOURCE = Path(__file__).parents[2] / "data" / "every_branch.txt"
# Where a function ends with one of these, Python 3.11 gives the way out of their last test to the
# line of another: its compiler copies such an end only where it has four instructions at most.
ENDS = """
def ends_with_try(x):
    try:
        if x:
            int("q")
    except ValueError:
        if x == 2:
            y = 1


def ends_with_finally(x):
    try:
        if x == 7:
            return 1
    finally:
        if x:
            y = 1


def ends_with_branches_in_a_finally(x):
    try:
        int(x)
    finally:
        if x == 1:
            if x > 5:
                y = 1
        elif x == 7:
            y = 2
        elif x == 8:
            y = 3


for x in (0, 1, 7):
    ends_with_try(x)
    ends_with_finally(x)
    ends_with_branches_in_a_finally(x)
"""


def counted(name: str, folder: Path, *, branch: bool = True) -> Any:
    """Import the module under coverage and return what is counted of it.

    In a thread of its own, where no event loop of another test's is running.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_counted, name, folder, branch).result()


def _counted(name: str, folder: Path, branch: bool) -> Any:
    sys.modules.pop(name, None)
    measured = coverage.Coverage(
        data_file=None, branch=branch, include=[str(folder / f"{name}.py")], config_file=False
    )
    # The tests themselves may run under coverage, or a debugger.
    before = sys.gettrace()
    measured.start()
    try:
        with redirect_stdout(io.StringIO()):
            import_module(name)
    finally:
        measured.stop()
        sys.settrace(before)
    report = folder / "report.json"
    measured.json_report(outfile=str(report))
    (found,) = json.loads(report.read_text())["files"].values()
    return {
        each: sorted(map(str, found.get(each, ())))
        for each in ("executed_lines", "missing_lines", "executed_branches", "missing_branches")
    }


@pytest.mark.parametrize("core", ["ctrace", "pytrace"])
def test_same_lines_and_branches_are_counted(
    core: str, hook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_CORE", core)
    one = hook()
    source = SOURCE.read_text() + dedent(ENDS)
    one.write("mbranches.py", source)
    recorded = counted("mbranches", one.folder)
    assert one.modules == ["mbranches"]
    one.finder.remove()
    plain = counted("mbranches", one.folder)
    assert recorded == plain
    assert len(plain["executed_branches"]) > 50
    assert len(plain["missing_branches"]) > 10


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it has no sys.monitoring")
def test_same_lines_are_counted_by_monitoring(
    hook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Python 3.14 coverage.py counts no branches by it."""
    monkeypatch.setenv("COVERAGE_CORE", "sysmon")
    one = hook()
    one.write("mlines.py", SOURCE.read_text() + dedent(ENDS))
    recorded = counted("mlines", one.folder, branch=False)
    assert one.modules == ["mlines"]
    one.finder.remove()
    assert counted("mlines", one.folder, branch=False) == recorded
    assert len(recorded["executed_lines"]) > 100
    assert recorded["missing_lines"]
