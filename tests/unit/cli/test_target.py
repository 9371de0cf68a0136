"""Where the options of `rewind run` end and the program's begin."""

import pytest

from rewind.cli.target import Target, split

TAKES_VALUE = {"--include": True, "--name": True, "--ui": False, "-h": False}


@pytest.mark.parametrize(
    ("line", "own", "target"),
    [
        ("app.py", "", Target("script", "app.py", ())),
        ("app.py --include x", "", Target("script", "app.py", ("--include", "x"))),
        ("--include x app.py -m y", "--include x", Target("script", "app.py", ("-m", "y"))),
        ("--include=x app.py", "--include=x", Target("script", "app.py", ())),
        ("--ui app.py --help", "--ui", Target("script", "app.py", ("--help",))),
        ("--name -m app.py", "--name -m", Target("script", "app.py", ())),
        ("-m pkg --help", "", Target("module", "pkg", ("--help",))),
        ("-mpkg -x", "", Target("module", "pkg", ("-x",))),
        ("--ui -- gunicorn -w 2", "--ui", Target("command", "gunicorn", ("-w", "2"))),
        ("app.py -- x", "", Target("script", "app.py", ("--", "x"))),
        ("--wrong app.py", "--wrong", Target("script", "app.py", ())),
        ("-h", "-h", None),
        ("--ui", "--ui", None),
        ("--", "", None),
        ("-m", "", None),
        ("", "", None),
    ],
)
def test_everything_behind_the_target_is_the_programs(
    line: str, own: str, target: Target | None
) -> None:
    assert split(line.split(), TAKES_VALUE) == (own.split(), target)


def test_the_command_line_of_a_module_shows_how_it_was_called() -> None:
    assert Target("module", "pkg", ("a",)).argv == ["-m", "pkg", "a"]
    assert Target("script", "app.py", ("a",)).argv == ["app.py", "a"]
