"""Runs a test module as `python -m unittest` does and writes down how every single test ended.

Imported by `child.py`, in whose folder it lies; what it writes is for `tests.fidelity.outcomes`.
"""

import json
import os
import sys
import time
import unittest
import warnings
from types import TracebackType
from typing import Any, TextIO

from test import support  # type: ignore[import-not-found]  # no one has typed it

_Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Outcomes(unittest.TestResult):
    """Writes a line for each test, and for each subtest that does not pass."""

    def __init__(self, file: TextIO) -> None:
        super().__init__()
        self._file = file
        self._began = 0.0

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest names it
        super().startTest(test)
        self._began = time.perf_counter()

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest names it
        self._write(test, "passed")

    def addError(self, test: unittest.TestCase, err: _Error) -> None:  # noqa: N802 - unittest names it
        self._write(test, "error", err)

    def addFailure(self, test: unittest.TestCase, err: _Error) -> None:  # noqa: N802 - unittest names it
        self._write(test, "failed", err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802 - unittest names it
        self._write(test, f"skipped: {reason}")

    def addExpectedFailure(self, test: unittest.TestCase, err: _Error) -> None:  # noqa: N802 - unittest names it
        self._write(test, "failed, as expected", err)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest names it
        self._write(test, "passed, unexpectedly")

    def addSubTest(  # noqa: N802 - unittest names it
        self, test: unittest.TestCase, subtest: unittest.TestCase, err: _Error | None
    ) -> None:
        if err is not None:
            self._write(test, f"failed in {subtest._subDescription()}", err)  # type: ignore[attr-defined]

    def leave_out(self, tests: unittest.TestSuite, names: frozenset[str]) -> unittest.TestSuite:
        """Return the suite without those tests, and write down that they are left out."""
        kept: list[unittest.TestSuite | unittest.TestCase] = []
        for each in tests:
            if isinstance(each, unittest.TestSuite):
                kept.append(self.leave_out(each, names))
            elif each.id() in names:
                self._began = time.perf_counter()
                self._write(each, "left out")
            else:
                kept.append(each)
        return type(tests)(kept)

    def _write(self, test: unittest.TestCase, outcome: str, error: _Error | None = None) -> None:
        facts: dict[str, Any] = {"test": test.id(), "outcome": outcome}
        if error is not None and error[0] is not None:
            facts["error"] = f"{error[0].__qualname__}: {error[1]}"
        facts["seconds"] = round(time.perf_counter() - self._began, 4)
        self._file.write(json.dumps(facts) + "\n")
        self._file.flush()


def main(path: str, module: str) -> None:
    """Run the tests of a module as `python -m unittest` does."""
    support.use_resources = ["cpu", "subprocess"]
    began = time.perf_counter()
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            tests = unittest.defaultTestLoader.loadTestsFromName(module)
            outcomes = Outcomes(file)
            left_out = frozenset(os.environ["FIDELITY_LEFT_OUT"].split(","))
            outcomes.leave_out(tests, left_out).run(outcomes)
        files = ((name, getattr(each, "__file__", None)) for name, each in sys.modules.items())
        loaded = [name for name, each in files if isinstance(each, str) and each.endswith(".py")]
        facts = {"loaded": loaded, "seconds": round(time.perf_counter() - began, 3)}
        file.write(json.dumps(facts) + "\n")
