"""How the tests of a run ended, and in what two runs differ.

Reads the lines that a runner inside the suite's process wrote (`projects/plugin`, `stdlib/child`).
What already differs between two plain runs is unstable and proves nothing: that aspect of that test
is left out, and counted.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

ASPECTS: Final = ("outcome", "error", "warning", "output")
# Objects' addresses; numbers of open files: a process has more of these when it is recorded; those
# of processes and ports, which are others in every run; how long something took, and the rulers
# that pytest makes shorter the longer that is.
_UNTOLD: Final = re.compile(
    r"\b(0x[0-9a-fA-F]{4,}|fd=\d+|pid[ =]\d+|\d+\.\d+s)\b( \(\d+:\d\d:\d\d\))?"
    r"|(?<=127\.0\.0\.1)(:|', )\d+\b|={3,}"
)

Aspects = dict[str, tuple[str, ...]]


@dataclass
class Outcomes:
    """One run: what each test came to, and what the suite's process told of itself."""

    tests: dict[str, Aspects] = field(default_factory=dict)
    slowness: dict[str, float] = field(default_factory=dict)
    """Seconds of each test."""
    loaded: tuple[str, ...] = ()
    """Modules that were loaded from a source file at the end."""
    seconds: float = 0.0
    finished: bool = False
    """Whether the suite came to its end."""


class Difference(NamedTuple):
    """One aspect of one test that is not what it is without Rewind."""

    test: str
    aspect: str
    plain: tuple[str, ...]
    recorded: tuple[str, ...]


class Comparison(NamedTuple):
    """A recorded run held against two plain ones."""

    differences: list[Difference]
    unstable: list[tuple[str, str]]
    """Test and aspect in which the plain runs differ."""


def read_outcomes(path: Path) -> Outcomes:
    """Return what a run wrote; a run that broke off is not `finished`."""
    outcomes = Outcomes()
    if not path.exists():
        return outcomes
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in path.read_text("utf-8").splitlines():
        facts = json.loads(line)
        if "loaded" in facts:
            outcomes.loaded = tuple(facts["loaded"])
            outcomes.seconds = facts["seconds"]
            outcomes.finished = True
        else:
            test = facts["test"]
            _add(found[test], facts)
            outcomes.slowness[test] = outcomes.slowness.get(test, 0) + facts.get("seconds", 0)
    outcomes.tests = {test: _settled(aspects) for test, aspects in found.items()}
    return outcomes


def _add(aspects: dict[str, list[str]], facts: dict[str, Any]) -> None:
    for aspect in ASPECTS:
        said = facts.get(aspect)
        if said:
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
            aspects[aspect].append(_UNTOLD.sub("...", text))


def _settled(aspects: dict[str, list[str]]) -> Aspects:
    # Warnings of one test may be told in any order.
    settled = {name: tuple(aspects[name]) for name in ASPECTS}
    return settled | {"warning": tuple(sorted(settled["warning"]))}


def compare(plain: Outcomes, again: Outcomes, recorded: Outcomes) -> Comparison:
    """Return where `recorded` is not what `plain` and `again` agree on.

    Of a recorded run that broke off, only the tests that it came to are compared.
    """
    differences, unstable = [], []
    for test in dict.fromkeys((*plain.tests, *again.tests, *recorded.tests)):
        for aspect, first, second, third in _in_all(test, (plain, again, recorded)):
            if first != second:
                unstable.append((test, aspect))
            elif first != third and (recorded.finished or test in recorded.tests):
                differences.append(Difference(test, aspect, first, third))
    return Comparison(differences, unstable)


def dismiss(comparison: Comparison, reruns: Sequence[Outcomes]) -> Comparison:
    """Return the comparison where what differs among further plain runs is unstable.

    The further runs may have been of fewer files: what a test says after others proves nothing
    about what it says first, so they are held against each other only.
    """
    differences, unstable = [], list(comparison.unstable)
    for one in comparison.differences:
        said = {run.tests.get(one.test, {}).get(one.aspect) for run in reruns if run.finished}
        if len(said) > 1:
            unstable.append((one.test, one.aspect))
        else:
            differences.append(one)
    return Comparison(differences, unstable)


def _in_all(test: str, runs: Iterable[Outcomes]) -> Iterable[tuple[Any, ...]]:
    of_runs = [run.tests.get(test) for run in runs]
    for aspect in ASPECTS:
        absent = ("did not run",) if aspect == "outcome" else ()
        yield aspect, *(absent if one is None else one[aspect] for one in of_runs)
