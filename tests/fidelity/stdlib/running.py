"""One of CPython's test modules: plain, plain again, recorded, compared."""

import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from rewind.hook import Selection
from tests.fidelity.outcomes import Comparison, Difference, Outcomes, compare, read_outcomes
from tests.fidelity.processes import Command, run
from tests.fidelity.recorded import run_recorded
from tests.fidelity.stdlib.modules import HERE, Explained, TestModule, explained
from tests.fidelity.venvs import Venv

_CHILD: Final = HERE / "child.py"


@dataclass
class Result:
    """What came of it."""

    name: str
    python: str
    tests: int = 0
    plain_s: float = 0.0
    recorded_s: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    """Those that nobody explained."""
    known: set[str] = field(default_factory=set)
    """Tests that differ for a reason that is written down."""
    needless: list[str] = field(default_factory=list)
    """Entries of `explained.toml` about tests that do not differ, or that there are not."""
    doubts: list[str] = field(default_factory=list)
    """Why the runs prove nothing."""

    def judge(self, comparison: Comparison, ran: Collection[str], explanations: Explained) -> None:
        """Part what is known to differ from what is not; `ran` has those left out as well."""
        met = {test for test, _ in comparison.unstable} | explanations.left_out.keys() & set(ran)
        for one in comparison.differences:
            globs = [glob for glob in explanations.differing if fnmatchcase(one.test, glob)]
            met.update(globs)
            if globs:
                self.known.add(one.test)
            else:
                self.differences.append(one)
        entries = [*explanations.differing, *explanations.left_out]
        own = f"test.{self.name}."
        self.needless = [entry for entry in entries if entry.startswith(own) and entry not in met]

    @property
    def holds(self) -> bool:
        """Whether all is as it is without Rewind, or as it is known to be."""
        return not (self.differences or self.needless or self.doubts)


class Runner:
    """Runs test modules in an environment. Threads may share it."""

    def __init__(self, venv: Venv, home: Path, limit_s: float, core: str) -> None:
        self._venv = venv
        self._home = home
        self._limit_s = limit_s
        self._core = core

    def compare(self, module: TestModule, version: str) -> Result:
        """Run a test module three times and compare."""
        scratch = Path(tempfile.mkdtemp(prefix="fidelity-"))
        try:
            return self._compare(module, version, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _compare(self, module: TestModule, version: str, scratch: Path) -> Result:
        result = Result(module.name, version)
        runs = []
        for name in ("plain", "again"):
            run(self._command(module, name, version, scratch))
            runs.append(self._read(module.name, name, result))
        selection = Selection(module.include)
        _, recording = run_recorded(
            self._command(module, "recorded", version, scratch),
            selection,
            scratch / "rewind",
            self._core,
        )
        recorded = self._read(module.name, "recorded", result)
        if recorded.finished:
            result.doubts += recording.doubts(selection, recorded.loaded)
        plain, again = runs
        explanations = explained(version, recording.core)
        result.judge(compare(plain, again, recorded), plain.tests, explanations)
        if not recorded.finished:
            # It may not have come to their tests.
            result.needless.clear()
        result.tests = len(plain.tests)
        result.plain_s = min(plain.seconds, again.seconds)
        result.recorded_s = recorded.seconds
        return result

    def _command(self, module: TestModule, name: str, version: str, scratch: Path) -> Command:
        temporary = scratch / "t"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        outcomes = self._file(module.name, name, "jsonl")
        outcomes.parent.mkdir(parents=True, exist_ok=True)
        outcomes.unlink(missing_ok=True)
        words: list[str | Path] = [
            self._venv.python,
            _CHILD,
            outcomes,
            f"test.{module.name}",
            *module.tested,
        ]
        left_out = ",".join(explained(version).left_out)
        environ = {**self._venv.environ, "TMPDIR": str(temporary), "FIDELITY_LEFT_OUT": left_out}
        log = self._file(module.name, name, "log")
        return Command(words, temporary, environ, log, self._limit_s)

    def _file(self, name: str, run_name: str, ending: str) -> Path:
        return self._home / name / f"{run_name}.{ending}"

    def _read(self, name: str, run_name: str, result: Result) -> Outcomes:
        outcomes = read_outcomes(self._file(name, run_name, "jsonl"))
        if not outcomes.finished:
            last = next(reversed(outcomes.tests), "none")
            result.doubts.append(f"{run_name}: it broke off or took too long after {last}")
        elif not outcomes.tests:
            result.doubts.append(f"{run_name}: no test was run")
        return outcomes
