"""The command itself: help, suggestions, errors as one line, and a fast start."""

import subprocess
import sys
from pathlib import Path

import pytest

from rewind import __version__
from rewind.cli.app import COMMANDS, run_app

ROOT = Path(__file__).parents[3]


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run_app(arguments) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.count("\n") == 1
    return caught.err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app([]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_shows_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app([name, "--help"]) == 0
    assert f"Usage: rewind {name} " in capsys.readouterr().out


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["--version"]) == 0
    assert capsys.readouterr().out == f"rewind {__version__}\n"


def test_an_unknown_command_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "there is no command 'sesions'; did you mean 'sessions'?" in failure(capsys, "sesions")


def test_a_script_without_run_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'rewind run app.py'?" in failure(capsys, "app.py")


def test_an_unknown_option_is_one_line_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = failure(capsys, "run", "--inclde", "x", "app.py")
    assert shown.startswith("rewind: ")
    assert "--include" in shown


def test_a_wrong_setting_is_one_line_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = failure(capsys, "run", "--sampling-rate", "2", "app.py")
    assert shown == (
        "rewind: --sampling-rate: sampling_rate must be a number from 0 to 1, not '2'\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_run_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing to run: name a SCRIPT" in failure(capsys, "run", "--ui")


def test_the_command_starts_without_what_it_does_not_need() -> None:
    """A tenth of a second each: not before the command that needs them."""
    program = "import sys, rewind.cli.app as a; a.run_app(['--version']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    heavy = {"sqlalchemy", "alembic", "flask", "rich", "msgpack", "rewind.store", "rewind.replay"}
    assert heavy & set(done.stdout.split()) == set()
