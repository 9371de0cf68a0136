"""The command itself: help, suggestions, errors as one line, and a fast start."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from rewind import __version__
from rewind.cli.app import COMMANDS, app, run_app
from rewind.cli.options import resolution
from rewind.config.settings import TABLE
from rewind.errors import ConfigError

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


NO_SETTINGS = (("sessions", "service"), ("export", "output"))
"""Options that only have a setting's name: what is looked for, and a file."""


def options_of_settings() -> list[tuple[str, click.Option]]:
    """Every option of every command that gives a setting its value."""
    commands = [(name, app.get_command(click.Context(app), name)) for name in COMMANDS]
    return [
        (name, option)
        for name, command in commands
        if command is not None
        for option in command.params
        if isinstance(option, click.Option)
        and option.name in TABLE
        and (name, option.name) not in NO_SETTINGS
    ]


@pytest.mark.parametrize(("name", "option"), options_of_settings())
def test_every_option_of_a_setting_is_taken_and_named_as_it_was_typed(
    name: str, option: click.Option
) -> None:
    """A value that no setting takes: each then says where it came from."""
    setting = str(option.name)
    command = app.get_command(click.Context(app), name)
    assert command is not None
    with click.Context(command, info_name=name), pytest.raises(ConfigError) as caught:
        resolution(None, **{setting: object()})
    assert str(caught.value).startswith(f"{option.opts[0]}: {setting} must be ")


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
