"""Both cores write the same bytes about any program."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.instrumented import CORES, write
from tests.property.programs import choices, programs
from tests.property.test_equivalence import silence
from tests.twins import Written, written

pytestmark = pytest.mark.timeout(0)  # hypothesis keeps the time

ATTEMPTS = 5
"""Whether an exception came out of a call is told by its address and its traceback, so a program
that gives addresses out again can be told in two ways. A difference counts if it is there each
time."""


@given(programs(), choices())
@settings(max_examples=settings().max_examples // 10)
def test_cores_write_the_same_about_a_program(source: str, more: dict[str, Any]) -> None:
    """By a clock that goes in steps, and but for times by the real one."""
    with tempfile.TemporaryDirectory() as name, silence():
        path = write(Path(name), source)
        for stepped in (True, False):
            told: dict[str, list[Written]] = {core: [] for core in CORES}
            for attempt in range(ATTEMPTS):
                for core in CORES:
                    folder = Path(name, f"{attempt}")
                    folder.mkdir(exist_ok=True)
                    one = written(core, folder, path, stepped=stepped, max_depth=2, **more)
                    told[core].append(one[1])
                if any(one in told[CORES[-1]] for one in told[CORES[0]]):
                    break
            else:
                pytest.fail("no two runs under the two cores are told alike")
