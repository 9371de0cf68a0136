"""Both cores write the same bytes about any program."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.instrumented import CORES, write
from tests.property.programs import choices, programs
from tests.property.test_equivalence import silence
from tests.twins import written

pytestmark = pytest.mark.timeout(0)  # hypothesis keeps the time


@given(programs() | programs(crowd=True), choices())
@settings(max_examples=settings().max_examples // 10)
def test_cores_write_the_same_about_a_program(source: str, more: dict[str, Any]) -> None:
    """By a clock that goes in steps, and but for times by the real one."""
    with tempfile.TemporaryDirectory() as name, silence():
        path = write(Path(name), source)
        for stepped in (True, False):
            told = [
                written(core, Path(name), path, stepped=stepped, max_depth=2, **more)[1]
                for core in CORES
            ]
            assert told[0] == told[-1]
