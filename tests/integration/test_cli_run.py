"""`rewind run`: the program is what it is without Rewind; mistakes are told before it starts."""

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from rewind.cli.launch import switches
from tests.integration.terminal import (
    ORDERS,
    ROOT,
    Done,
    answers,
    environment,
    errors_of,
    python,
    rewind,
    run,
    summary_of,
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A script that prints what it sees of its arguments."""
    path = tmp_path / "app.py"
    path.write_text("import sys\nprint(sys.argv)\n")
    return path


def refused(done: Done) -> str:
    """Check that the command ended with one line before the program started."""
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("rewind: ")
    return done.stderr


def test_a_program_runs_as_without_rewind_and_is_recorded(tmp_path: Path) -> None:
    plain, recorded = python(tmp_path, ORDERS), rewind(tmp_path, "run", ORDERS)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    assert recorded.returncode == plain.returncode == 0
    (session,) = answers(tmp_path, "sessions")
    assert session["status"] == "completed"
    assert session["events"] > 100


def test_the_summary_says_what_was_recorded_and_how_to_open_it(tmp_path: Path) -> None:
    text = "\n".join(summary_of(rewind(tmp_path, "run", ORDERS)))
    for part in ("1 session", "events", "stored", "recording", "rewind show last", "rewind ui"):
        assert part in text


def test_the_summary_says_that_nothing_that_ran_is_recorded(tmp_path: Path) -> None:
    done = rewind(tmp_path, "run", "--", sys.executable, "-c", "print(1)")
    assert done.stdout == "1\n"
    text = "\n".join(summary_of(done))
    assert "0 sessions, 0 events" in text
    assert "none of the modules that ran are recorded" in text
    assert "open it" not in text


@pytest.mark.parametrize(
    ("options", "sessions", "is_told"),
    [
        (["--include", "shpo.*"], 1, True),
        (["--include", "__main__"], 1, False),
        (["--sampling-rate", "0"], 0, False),
    ],
)
def test_the_summary_says_so_of_patterns_that_cover_nothing_and_of_nothing_else(
    program: Path, options: list[str], sessions: int, is_told: bool
) -> None:
    """What a program prints is recorded whatever the patterns are."""
    text = "\n".join(summary_of(rewind(program.parent, "run", *options, program.name)))
    assert f"{sessions} session" in text
    assert ("none of the modules that ran are recorded" in text) is is_told
    assert ("open it" in text) is bool(sessions)


def test_a_program_does_not_wait_for_sqlalchemy_where_the_database_is_known(
    program: Path,
) -> None:
    first, second = (
        rewind(program.parent, "run", program.name, PYTHONPROFILEIMPORTTIME="1") for _ in range(2)
    )
    imported = [
        {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        for done in (first, second)
    ]
    assert "sqlalchemy" in imported[0]
    assert "rewind.cli.launch" in imported[1]
    assert "sqlalchemy" not in imported[1]
    assert len(answers(program.parent, "sessions")) == 2


def test_what_stands_behind_the_script_belongs_to_it(program: Path) -> None:
    done = rewind(program.parent, "run", "--name", "x", "app.py", "--help", "--include", "y", "-m")
    assert done.stdout == "['app.py', '--help', '--include', 'y', '-m']\n"


def test_a_module_is_run_by_its_name(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys\nprint(__name__, __package__, sys.argv[1:])\n")
    plain = python(tmp_path, "-m", "shop", "--help")
    recorded = rewind(tmp_path, "run", "-m", "shop", "--help")
    assert recorded.stdout == plain.stdout
    (session,) = answers(tmp_path, "sessions")
    assert (session["kind"], session["trigger"]) == ("module", "-m shop")


def test_a_command_is_recorded_by_the_python_inside(program: Path) -> None:
    (program.parent / "lib.py").write_text("def double(x):\n    return x * 2\n")
    program.write_text("import lib\nprint(lib.double(4))\n")
    done = rewind(program.parent, "run", "--", "env", "A=1", sys.executable, "app.py")
    assert (done.stdout, done.returncode) == ("8\n", 0)
    found = answers(program.parent, "sessions", "--function", "lib.double")
    assert [session["status"] for session in found] == ["completed"]


@pytest.mark.parametrize("code", [0, 1, 3, 250])
def test_the_exit_code_is_the_programs(tmp_path: Path, code: int) -> None:
    (tmp_path / "app.py").write_text(f"import sys\nsys.exit({code})\n")
    assert rewind(tmp_path, "run", "app.py").returncode == code


def test_an_exception_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(x):\n    return x['b']\n\nf({'a': 1})\n")
    plain, recorded = python(tmp_path, "app.py"), rewind(tmp_path, "run", "app.py")
    assert (recorded.returncode, errors_of(recorded)) == (1, plain.stderr)
    (session,) = answers(tmp_path, "sessions")
    assert session["status"] == "error"
    assert session["error"]["type"].endswith("KeyError")


def test_a_missing_script_is_told_as_python_tells_it(tmp_path: Path) -> None:
    plain, recorded = python(tmp_path, "no.py"), rewind(tmp_path, "run", "no.py")
    assert (recorded.returncode, errors_of(recorded)) == (2, plain.stderr)


def test_standard_input_is_the_programs(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print(input()[::-1])\n")
    assert rewind(tmp_path, "run", "app.py", stdin="abc\n").stdout == "cba\n"


def test_the_program_has_no_child_that_it_did_not_start(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')\n"
    )
    assert rewind(tmp_path, "run", "app.py").stdout == "none\n"


@pytest.mark.parametrize(
    "given",
    [
        ["-O", "-X", "utf8", "-W", "error::ResourceWarning"],
        ["-uW", "error", "-Xdev", "-sBb", "-P"],
        ["--check-hash-based-pycs", "never", "-I"],
        [],
    ],
)
def test_the_switches_of_the_interpreter_are_the_programs(tmp_path: Path, given: list[str]) -> None:
    """Also that its output is unbuffered; and how the command line was typed."""
    (tmp_path / "app.py").write_text(
        "import sys\n"
        "print(sys.flags, sys.warnoptions, sys._xoptions, sys.orig_argv)\n"
        "print(sys.stdout.write_through)\n"
    )
    environ = {"PYTHONWARNINGS": "ignore::UserWarning", "PYTHONOPTIMIZE": "2"}
    plain = python(tmp_path, *given, "app.py", **environ)
    command = Path(sys.executable).with_name("rewind")
    recorded = run(tmp_path, sys.executable, *given, command, "run", "app.py", **environ)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("-m rewind run app.py", ""),
        ("-Om rewind run app.py", "-O"),
        ("-uxmrewind run -m pkg", "-u"),
        ("-c code run app.py -O", ""),
        ("-X dev -Werror rewind run -u app.py", "-X dev -Werror"),
        ("-x -- rewind", ""),
        ("- run app.py", ""),
    ],
)
def test_the_switches_end_where_the_program_begins(
    typed: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", *typed.split()])
    assert switches() == given.split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_as_it_does_without_rewind(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "app.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "rewind", "run", "app.py"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        process.communicate()
    assert process.returncode == -number


STOPPED_AT = """
import os, signal, sys
class Stop:
    def find_spec(self, name, *where):
        if name == {name!r}: os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stop())
# Rewind's own half looks for its modules by itself.
sys.addaudithook(lambda event, given: event == "import" and Stop().find_spec(given[0]))
"""
"""Stops a process as by Ctrl-C, where it imports that module."""


def stopped(folder: Path, module: str, *words: str) -> Done:
    """Run a command that is stopped where it imports a module."""
    own = folder / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text(STOPPED_AT.format(name=module))
    return rewind(folder, *words, PYTHONPATH=f"{own}{os.pathsep}{ROOT}")


@pytest.mark.parametrize(
    "module", ["rewind.cli.app", "rewind.cli.run", "rewind.cli.launch", "rewind.agent.program"]
)
def test_ctrl_c_before_the_program_begins_is_one_line_and_ends_by_the_signal(
    program: Path, module: str
) -> None:
    """As the shell would have it of a program of Python's: a loop around it ends as well."""
    done = stopped(program.parent, module, "run", "app.py")
    assert (done.returncode, done.stdout) == (-signal.SIGINT, "")
    assert done.stderr.lstrip() == "rewind: interrupted before the program began\n"


def test_ctrl_c_ends_any_other_command_by_the_signal_without_a_word(tmp_path: Path) -> None:
    done = stopped(tmp_path, "rewind.cli.sessions", "sessions")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize(
    "options",
    ["--sampling-rate 2", "--database orders.db", "--config no.toml", "--redact=-tokn"],
)
def test_a_wrong_setting_is_one_line_and_nothing_runs(program: Path, options: str) -> None:
    refused(rewind(program.parent, "run", *shlex.split(options), "app.py"))
    assert not (program.parent / ".rewind").exists()


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path, program: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = [sys.executable, "-m", "rewind", "run", str(program / "app.py")]
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *command],
        cwd=gone,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the current folder cannot be used: No such file or directory" in refused(done)


def test_a_wrong_variable_is_one_line_and_nothing_runs(program: Path) -> None:
    line = refused(rewind(program.parent, "run", "app.py", REWIND_INCLUDES="x"))
    assert "did you mean 'REWIND_INCLUDE'?" in line


def test_a_database_of_somebody_else_is_refused_and_left_alone(program: Path) -> None:
    path = program.parent / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE things (name TEXT)")
    before = path.read_bytes()
    line = refused(rewind(program.parent, "run", "--database", "sqlite:///theirs.db", "app.py"))
    assert "Rewind did not make" in line
    assert path.read_bytes() == before
    assert sorted(item.name for item in program.parent.iterdir()) == ["app.py", "theirs.db"]


def test_a_database_that_cannot_be_opened_is_one_line(program: Path) -> None:
    refused(rewind(program.parent, "run", "--database", "sqlite:////proc/no/r.db", "app.py"))
    refused(rewind(program.parent, "run", "--database", "postgresql://127.0.0.1:1/none", "app.py"))


def test_a_command_that_is_not_there_is_told_as_a_shell_tells_it(program: Path) -> None:
    done = rewind(program.parent, "run", "--", "no-such-command")
    assert (done.returncode, done.stderr) == (
        127,
        "rewind: no-such-command: command not found\n",
    )
    done = rewind(program.parent, "run", "--", "./app.py")
    assert (done.returncode, done.stderr) == (126, "rewind: ./app.py: Permission denied\n")


def test_disabled_by_the_environment_the_program_just_runs(program: Path) -> None:
    done = rewind(program.parent, "run", "app.py", "x", REWIND_DISABLE="1")
    assert (done.stdout, done.stderr, done.returncode) == ("['app.py', 'x']\n", "", 0)
    assert not (program.parent / ".rewind").exists()


def test_the_recording_has_its_name_and_its_folder_is_out_of_the_repository(program: Path) -> None:
    rewind(program.parent, "run", "--name", "nightly", "app.py")
    (session,) = answers(program.parent, "sessions")
    assert session["name"] == "nightly"
    assert (program.parent / ".rewind/.gitignore").read_text() == "*\n"


def test_a_dashboard_beside_the_program_outlives_it_and_is_found_again(program: Path) -> None:
    first = rewind(program.parent, "run", "--ui", "app.py")
    again = rewind(program.parent, "run", "--ui", "app.py")
    line, other = (
        next(line for line in summary_of(done) if "watch it at" in line) for done in (first, again)
    )
    assert line == other
    address = line.partition("watch it at ")[2].split()[0]
    with urlopen(f"{address}api/sessions") as answer:
        assert answer.status == 200
    process = int(line.partition("`kill ")[2].partition("`")[0])
    os.kill(process, signal.SIGTERM)
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)
