"""A pytest plugin that writes down how every single test ended, for `tests.fidelity.outcomes`.

Loaded by `-p` into the suites of other projects, in their environments: it needs pytest alone, and
decides nothing. What it writes are lines of JSON; the last one tells what was loaded and how long
the suite took.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Generator
from typing import Any, TextIO

import pytest

_BEGAN = time.perf_counter()
_ERROR = "fidelity_error"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Outcomes(os.environ["FIDELITY_OUTCOMES"]))


class _Outcomes:
    """Writes one run's lines; a process that the suite forks writes none."""

    def __init__(self, path: str) -> None:
        self._file: TextIO = open(path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - open while the suite runs
        self._pid = os.getpid()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.excinfo is not None:
            setattr(report, _ERROR, call.excinfo.exconly())
        return report

    def pytest_collection_finish(self) -> None:
        # What is loaded stays; the collections below need not go through it.
        gc.freeze()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None]:
        yield
        # What this test left behind is told as this test's, whenever the collector would have come.
        gc.collect()
        if nextitem is None or nextitem.path != item.path:
            # What a file's tests have loaded stays as well. The moment is the same in every run.
            gc.freeze()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome: str = report.outcome
        if hasattr(report, "wasxfail"):
            outcome = f"{outcome}, expected to fail"
        self._write(
            test=report.nodeid,
            outcome=f"{report.when}: {outcome}",
            error=getattr(report, _ERROR, None),
            output=[list(section) for section in report.sections if section[1]],
            seconds=round(report.duration, 4),
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._write(
                test=f"collection of {report.nodeid}",
                outcome=report.outcome,
                error=str(report.longrepr),
                output=[],
                seconds=0,
            )

    def pytest_warning_recorded(
        self,
        warning_message: Any,
        nodeid: str,
    ) -> None:
        said = warning_message
        place = f"{said.filename}:{said.lineno}"
        self._write(test=nodeid, warning=f"{said.category.__name__}: {said.message} ({place})")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        files = ((name, getattr(each, "__file__", None)) for name, each in sys.modules.items())
        loaded = sorted(name for name, file in files if isinstance(file, str) and _is_source(file))
        self._write(loaded=loaded, seconds=round(time.perf_counter() - _BEGAN, 3))

    def _write(self, **facts: object) -> None:
        if os.getpid() == self._pid:
            self._file.write(json.dumps(facts) + "\n")
            self._file.flush()


def _is_source(file: str) -> bool:
    # In an empty file there is nothing to record.
    return file.endswith(".py") and os.path.exists(file) and os.path.getsize(file) > 0
