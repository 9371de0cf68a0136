"""One project's suite on one Python: plain, plain again, recorded, compared."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.fidelity.outcomes import Comparison, Outcomes, compare, dismiss, read_outcomes
from tests.fidelity.processes import TIMED_OUT, Command, run
from tests.fidelity.projects.environment import Environment
from tests.fidelity.projects.table import Project
from tests.fidelity.recorded import Recording, run_recorded

Say = Callable[[str], None]

_RERUNS: Final = 10
"""How often files with tests that differ are run plain once more, to see whether they differ by
themselves. The whole file: what a test meets may be what those before it have left behind."""
_MOST_DOUBTED: Final = 50
"""So many tests differ by chance at most."""
_RAN: Final = (0, 1)
"""pytest's exit status where all tests were run, whether they passed or not."""


@dataclass
class Result:
    """What came of it."""

    project: str
    version: str
    python: str
    comparison: Comparison = field(default_factory=lambda: Comparison([], []))
    doubts: list[str] = field(default_factory=list)
    """Why the runs prove nothing."""
    tests: int = 0
    plain_s: float = 0.0
    recorded_s: float = 0.0
    recording: Recording = field(default_factory=Recording)

    @property
    def holds(self) -> bool:
        """Whether the suite, recorded, is what it is without Rewind."""
        return not self.comparison.differences and not self.doubts


class Suite:
    """Runs a suite. `say` is told of every step."""

    def __init__(
        self,
        project: Project,
        environment: Environment,
        arguments: Sequence[str],
        limit_s: float,
        core: str,
    ) -> None:
        self._project = project
        self._environment = environment
        self._arguments = arguments
        self._limit_s = limit_s
        self._core = core
        # One short path for all runs: it stands in messages, and sockets have theirs in it.
        self._scratch = Path(tempfile.mkdtemp(prefix="fidelity-"))

    def compare(self, python: str, say: Say) -> Result:
        """Run it three times and compare."""
        try:
            return self._compare(python, say)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _compare(self, python: str, say: Say) -> Result:
        result = Result(self._project.name, self._project.version, python)
        statuses, runs = [], []
        for name in ("plain", "again"):
            status = run(self._command(name))
            if status not in _RAN:
                result.doubts.append(f"{name}: pytest ended with {status} ({self._log(name)})")
            statuses.append(status)
            runs.append(self._read(name, status, result, say))
        status, result.recording = run_recorded(
            self._command("recorded"),
            self._project.selection,
            self._scratch / "rewind",
            self._core,
        )
        recorded = self._read("recorded", status, result, say)
        if statuses[0] == statuses[1] != status:
            result.doubts.append(f"exit status {status}, not {statuses[0]}")
        plain, again = runs
        if recorded.finished:
            result.doubts += result.recording.doubts(self._project.selection, recorded.loaded)
        else:
            last = next(reversed(recorded.tests), "none")
            result.doubts.append(f"recorded: it broke off after {last}")
        result.comparison = self._doubted(compare(plain, again, recorded), say)
        result.tests = len(plain.tests)
        result.plain_s = min(plain.seconds, again.seconds)
        result.recorded_s = recorded.seconds
        return result

    def _doubted(self, comparison: Comparison, say: Say) -> Comparison:
        """Return the comparison after further plain runs of the files that differ, if any do."""
        if not 0 < len({one.test for one in comparison.differences}) <= _MOST_DOUBTED:
            return comparison
        files = files_of(one.test for one in comparison.differences)
        doubted = comparison
        reruns: list[Outcomes] = []
        while doubted.differences and len(reruns) < _RERUNS:
            run(self._command("doubted", files))
            reruns.append(read_outcomes(self._outcomes("doubted")))
            doubted = dismiss(comparison, reruns)
        dismissed = len(comparison.differences) - len(doubted.differences)
        say(f"{dismissed} of {len(comparison.differences)} differences are among plain runs, too")
        return doubted

    def _command(self, name: str, files: Sequence[str] = ()) -> Command:
        """Return what runs the suite or these files of it, in the same surroundings each time."""
        temporary = self._scratch / "t"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        switches = ["-p", "fidelity_outcomes", "-p", "no:cacheprovider", "-p", "no:randomly"]
        pytest: list[str | Path] = [self._environment.python, "-m", "pytest", *switches]
        options = [each for each in self._arguments if each.startswith("-")]
        arguments = [*options, *files] if files else self._arguments
        words = [*pytest, f"--basetemp={temporary / 'pytest'}", *arguments]
        environ = {
            **self._environment.environ,
            "TMPDIR": str(temporary),
            "FIDELITY_OUTCOMES": str(self._outcomes(name)),
        }
        self._outcomes(name).unlink(missing_ok=True)
        log = self._log(name)
        return Command(words, self._environment.source, environ, log, self._limit_s)

    def _outcomes(self, name: str) -> Path:
        return self._environment.home / f"{name}.jsonl"

    def _log(self, name: str) -> Path:
        return self._environment.home / f"{name}.log"

    def _read(self, name: str, status: int, result: Result, say: Say) -> Outcomes:
        outcomes = read_outcomes(self._outcomes(name))
        say(f"{name}: {len(outcomes.tests)} tests in {outcomes.seconds:.1f} s, exit {status}")
        if status == TIMED_OUT:
            result.doubts.append(
                f"{name}: stopped after {self._limit_s:g} s; see {self._log(name)}"
            )
        elif not outcomes.finished:
            result.doubts.append(f"{name}: it broke off; see {self._log(name)}")
        return outcomes


def files_of(tests: Iterable[str]) -> list[str]:
    """Return the files of these tests, as pytest names both, each once and in their order."""
    named = (test.removeprefix("collection of ").partition("::")[0] for test in tests)
    return list(dict.fromkeys(named))
