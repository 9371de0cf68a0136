"""Files in the current folder may have the names of modules that Rewind imports."""

import sys
from pathlib import Path

import pytest

from tests.integration.terminal import answers, errors_of, python, rewind

NAMES = ("inspect", "typing", "click", "json", "re", "tokenize", "dataclasses", "ast")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a program, and files that end whoever imports them."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('this is my own {name}')\n")
    (tmp_path / "beside.py").write_text("def double(x):\n    return x * 2\n")
    (tmp_path / "app.py").write_text("import sys, beside\nprint(beside.double(2), sys.path)\n")
    return tmp_path


@pytest.mark.parametrize("command", [["app.py"], ["-m", "app"]])
def test_program_beside_them_runs_and_is_recorded(command: list[str], folder: Path) -> None:
    plain = python(folder, *command)
    # From nothing, and from the cache.
    for _ in range(2):
        done = rewind(folder, "run", *command)
        assert (done.returncode, done.stdout, errors_of(done)) == (0, plain.stdout, "")
    triggers = {each["trigger"] for each in answers(folder, "sessions")}
    assert triggers == {" ".join(command)}
    functions = {each["function"] for each in answers(folder, "events", "last")}
    assert functions == {"<module>", "double"}


def test_program_still_imports_its_own(folder: Path) -> None:
    (folder / "app.py").write_text("import beside, json\n")
    done = rewind(folder, "run", "app.py")
    assert (done.returncode, errors_of(done)) == (1, "this is my own json\n")


def test_commands_work_beside_them(folder: Path) -> None:
    rewind(folder, "run", "--", sys.executable, "app.py")
    for command in (["doctor", "app.py"], ["doctor"], ["sessions"], ["config"], ["db", "status"]):
        done = rewind(folder, *command)
        assert (done.returncode, done.stderr) == (0, ""), command
    shown = rewind(folder, "doctor", "app.py").stdout
    assert "beside    recorded" in shown
