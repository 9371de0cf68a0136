"""A small share of other projects' own test suites is the same while it is recorded.

`make fidelity` runs them whole, on every Python; `docs/fidelity.md` has its figures.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity.projects.table import TABLE, projects
from tests.fidelity.venvs import ROOT

LIMIT_S = 900


@pytest.mark.timeout(LIMIT_S)
@pytest.mark.parametrize("name", list(projects(TABLE)))
def test_every_outcome_is_the_same(name: str, tmp_path: Path) -> None:
    told = tmp_path / "result.json"
    command = [sys.executable, "-m", "tests.fidelity.projects", "--share", "small"]
    done = subprocess.run(
        [*command, "--project", name, "--json", told],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert told.exists(), done.stderr
    results: list[dict[str, Any]] = json.loads(told.read_text())
    [result] = results
    assert result["doubts"] == []
    assert result["differences"] == []
    assert result["tests"] > 20
    assert done.returncode == 0
