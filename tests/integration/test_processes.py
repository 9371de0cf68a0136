"""Processes that a recorded program forks, becomes, or starts anew."""

import json
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.terminal import Done, answers, errors_of, rewind, run


def recorded(folder: Path, source: str, **environ: str) -> Done:
    """Run a file with a module of one function beside it, both recorded by the environment."""
    write(folder, source)
    done = run(folder, sys.executable, "app.py", REWIND_ENABLED="1", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    await_writer(folder)
    return done


def write(folder: Path, source: str) -> None:
    (folder / "beside.py").write_text("def double(x):\n    return x * 2\n")
    (folder / "app.py").write_text(dedent(source))


def await_writer(folder: Path) -> None:
    while any(each.is_dir() for each in (folder / ".rewind" / "spool").iterdir()):
        time.sleep(0.01)


def report(folder: Path) -> dict[str, Any]:
    """Return what `rewind doctor --session last` tells."""
    answer: dict[str, Any] = json.loads(
        rewind(folder, "doctor", "--session", "last", "--json").stdout
    )
    return answer


def test_a_child_that_becomes_another_program_at_once_is_recorded_as_that(tmp_path: Path) -> None:
    """Nothing was written of the child that there was between fork and exec."""
    source = """
    import subprocess, sys
    import beside
    beside.double(1)
    new = [sys.executable, "-c", "import beside; print(beside.double(2))"]
    done = subprocess.run(new, preexec_fn=int, capture_output=True, text=True)
    print(repr(done.stdout), repr(done.stderr))
    """
    assert recorded(tmp_path, source).stdout == "'4\\n' ''\n"
    calls = answers(tmp_path, "sessions", "--function", "beside.double")
    assert len({session["process"] for session in calls}) == 2
    assert report(tmp_path)["replacements"] == []


def test_a_program_in_the_place_of_a_recorded_one_is_silent_and_reported(tmp_path: Path) -> None:
    """What recorded first keeps its files, and nobody's pipe gets a message of ours."""
    source = """
    import os, subprocess, sys
    import beside
    new = [sys.executable, "-c", "import beside; print(beside.double(2))"]
    done = subprocess.run(
        new, preexec_fn=lambda: beside.double(1), capture_output=True, text=True
    )
    print(repr(done.stdout), repr(done.stderr), flush=True)
    os.execv(sys.executable, [sys.executable, "-c", "print('end')"])
    """
    assert recorded(tmp_path, source).stdout == "'4\\n' ''\nend\n"
    (child,) = answers(tmp_path, "sessions", "--function", "beside.double")
    assert child["events"] == 2
    whys = [one["why"] for one in report(tmp_path)["replacements"]]
    assert len(whys) == 2
    assert all("was recorded until it replaced itself" in why for why in whys)
    shown = rewind(tmp_path, "show", "last").stdout
    assert "was recorded until it replaced itself" in shown


WORKERS = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor

def work(x):
    print(sorted(name for name in os.environ if name.startswith("REWIND_RUN")), flush=True)
    return x + 1

def main(method):
    context = multiprocessing.get_context(method)
    with context.Pool(1) as pool: print(pool.map(work, [1]))
    process = context.Process(target=work, args=(2,))
    process.start()
    process.join()
    with ProcessPoolExecutor(1, mp_context=context) as pool: print(pool.submit(work, 3).result())

if __name__ == "__main__": main(sys.argv[1])
"""


def worked(folder: Path) -> set[int]:
    """Return the processes in which the function of the workers was recorded."""
    found = answers(folder, "sessions", "--function", "__mp_main__.work")
    assert {session["status"] for session in found} == {"completed"}
    return {session["process"] for session in found}


METHODS = ("spawn", "forkserver")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("include", ["", "__mp_main__", "__main__"])
def test_workers_that_are_started_anew_are_recorded_by_the_environment(
    tmp_path: Path, method: str, include: str
) -> None:
    recorded(tmp_path, WORKERS.replace("sys.argv[1]", repr(method)), REWIND_INCLUDE=include)
    assert len(worked(tmp_path)) == 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("program", [("app.py",), ("-m", "app")])
def test_workers_that_are_started_anew_are_recorded_with_the_program(
    tmp_path: Path, method: str, program: tuple[str, ...]
) -> None:
    """They and nothing else: neither their environment nor that of others tells of it."""
    write(tmp_path, WORKERS)
    done = rewind(tmp_path, "run", *program, method)
    assert (done.stdout, errors_of(done)) == ("[]\n[2]\n[]\n[]\n4\n", "")
    await_writer(tmp_path)
    assert len(worked(tmp_path)) == 3
    # What they do is the program's: so the newest that nobody else has started is that one.
    own, *others = reversed(answers(tmp_path, "sessions"))
    assert own["kind"] in {"script", "module"}
    assert {one["parent"] for one in others} == {own["id"]}


def test_a_worker_that_cannot_be_recorded_works(tmp_path: Path) -> None:
    gone = "import shutil\n\ndef main(method):\n    shutil.rmtree('.rewind/spool')\n"
    write(tmp_path, WORKERS.replace("def main(method):\n", gone))
    done = rewind(tmp_path, "run", "app.py", "spawn")
    assert done.stdout == "[]\n[2]\n[]\n[]\n4\n"


def test_a_module_that_runs_as_the_program_is_recorded_by_the_environment(tmp_path: Path) -> None:
    """`runpy` is frozen into the interpreter: what runs by it is met all the same."""
    write(tmp_path, "import runpy\nimport beside\nprint(runpy.__loader__, beside.double(1))\n")
    plain = run(tmp_path, sys.executable, "-m", "app")
    done = run(tmp_path, sys.executable, "-m", "app", REWIND_ENABLED="1")
    assert (done.stdout, done.stderr) == (plain.stdout, "")
    await_writer(tmp_path)
    triggers = {session["trigger"] for session in answers(tmp_path, "sessions")}
    assert "__main__.<module>" in triggers


def test_a_further_interpreter_of_a_recorded_process_is_left_alone(tmp_path: Path) -> None:
    source = """
    import beside
    try: import _interpreters as interpreters
    except ImportError: import _xxsubinterpreters as interpreters
    beside.double(1)
    new = "import sys; sys.path.insert(0, ''); import beside; print(beside.double(2))"
    interpreters.run_string(interpreters.create(), new)
    """
    assert recorded(tmp_path, source).stdout == "4\n"
    assert len(answers(tmp_path, "sessions", "--function", "beside.double")) == 1
    assert report(tmp_path)["replacements"] == []


def test_a_process_whose_folder_is_gone_says_nothing(tmp_path: Path) -> None:
    """It is recorded as far as patterns name modules; none lies under its folder."""
    source = """
    import os, subprocess, sys, tempfile
    import beside
    here, gone = os.getcwd(), tempfile.mkdtemp()
    new = f"import os, sys; sys.path.insert(0, {here!r}); import beside; print(beside.double(2))"
    start = lambda: (os.chdir(gone), os.rmdir(gone))
    command = [sys.executable, "-c", new]
    done = subprocess.run(command, preexec_fn=start, capture_output=True, text=True)
    print(repr(done.stdout), repr(done.stderr))
    """
    assert recorded(tmp_path, source, REWIND_INCLUDE="beside").stdout == "'4\\n' ''\n"
    calls = answers(tmp_path, "sessions", "--function", "beside.double")
    assert len({session["process"] for session in calls}) == 1
