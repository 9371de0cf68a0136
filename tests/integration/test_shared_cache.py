"""One folder of compiled code, and two Pythons at work in it at once."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fidelity.interpreters import interpreter
from tests.twice import BOOTSTRAP, Programs

MODULES = 8
PROGRAM = f"""
import sys
from importlib import import_module
for n in range({MODULES}):
    print(import_module(f"m{{n}}").work([n]))
print(sys.version_info[:2])
"""
WORK = """
def work(x):
    match x:
        case [y]:
            found = [y + each for each in range(3)]
    return found
"""


def test_each_python_finds_its_own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    pythons = {}
    for version in ("3.11", "3.13"):
        try:
            pythons[version] = interpreter(version)
        except LookupError as error:
            pytest.skip(str(error))
    folder = tmp_path / "work"
    for n in range(MODULES):
        Programs(folder, tmp_path).write(f"m{n}.py", WORK)
    Programs(folder, tmp_path).write("program.py", PROGRAM)
    rows = "".join(f"{[n, n + 1, n + 2]}\n" for n in range(MODULES))
    expected = {"3.11": f"{rows}(3, 11)\n", "3.13": f"{rows}(3, 13)\n"}

    def recorded(version: str, turn: int) -> tuple[str, int]:
        programs = Programs(folder, tmp_path / f"spool{turn}-{version}")
        done = subprocess.run(
            [pythons[version], str(BOOTSTRAP)],
            cwd=folder,
            env=programs.told(("program.py",), "script"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == expected[version], done.stderr
        return version, sum(event.function == "work" for event in programs.read().events)

    with ThreadPoolExecutor(4) as pool:
        turns = [(version, turn) for turn in range(3) for version in pythons]
        found = set(pool.map(lambda one: recorded(*one), turns))
    # Each has recorded the same in all its runs, from whichever of them the code was.
    assert len(found) == len(pythons)
    assert all(events for _, events in found)
    entries = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    # The script and its modules, once for each Python.
    assert len(entries) == len(pythons) * (MODULES + 1)
    assert all(name.endswith(".code") for name in entries)
