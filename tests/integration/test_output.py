"""What a program prints, from its first line to `rewind output` and the dashboard's API."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.dashboard import dashboard, database_in
from tests.integration.terminal import answers, environment, errors_of, python, rewind

PROGRAM = """
import logging, sys, threading, warnings

class Item:
    def __str__(self):
        print("asked", end=" ")
        return "item"

def show(item):
    print("an", item, 1.5)
    print()
    print("no end", end="")
    sys.stdout.write(", and an end\\n")
    print("to the error", file=sys.stderr)
    logging.getLogger("shop").warning("logged %s", 1)
    warnings.warn("warned")

def fail():
    print("\\x1b[31mred\\x1b[0m\\a", flush=True)
    raise SystemExit("over")

show(Item())
thread = threading.Thread(target=show, args=("thread",))
thread.start()
thread.join()
print(*range(3), sep="\\n")
fail()
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAM)
    return tmp_path


def script(app: Path) -> dict[str, Any]:
    (found,) = (one for one in answers(app, "sessions") if one["kind"] == "script")
    return found


@pytest.mark.parametrize("core", ["native", "python"])
def test_a_program_prints_what_it_prints_and_each_line_is_told(app: Path, core: str) -> None:
    plain = python(app, "app.py")
    recorded = rewind(app, "run", "app.py", REWIND_CORE=core)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    assert recorded.returncode == plain.returncode == 1
    told = rewind(app, "output", script(app)["id"], "--stream", "stdout").stdout
    assert told == ("an asked item 1.5\n\nno end, and an end\n0\n1\n2\n\\x1b[31mred\\x1b[0m\\x07\n")
    (thread,) = (one for one in answers(app, "sessions") if one["kind"] == "thread")
    assert rewind(app, "output", thread["id"]).stdout.startswith("an thread 1.5\n\nno end, and")
    errors = answers(app, "output", thread["id"], "--stream", "stderr")
    assert [line["text"] for line in errors[:2]] == ["to the error", "logged 1"]
    assert {line["stream"] for line in errors} == {"stderr"}


def test_each_line_leads_to_its_moment(app: Path) -> None:
    rewind(app, "run", "app.py")
    session = script(app)["id"]
    lines = {line["text"]: line for line in answers(app, "output", session)}
    joined = lines["no end, and an end"]
    assert (joined["function"], joined["line"], joined["ended"]) == ("show", 12, True)
    assert joined["file"].endswith("app.py")
    moment = rewind(app, "show", session, "--event", joined["n"]).stdout
    assert "stdout: 'no end'" in moment
    assert 'print("no end", end="")' in moment
    assert "item" in moment
    events = answers(app, "events", session, "--kind", "output", "--variable", "stderr")
    assert [event["value"] for event in events][:2] == ["to the error\n", "logged 1\n"]
    assert {event["name"] for event in events} == {"stderr"}
    assert answers(app, "events", session, "--kind", "output", "--function", "show") == []
    doctor = rewind(app, "doctor", "--session", session).stdout
    assert "rewind.output" not in doctor


def test_the_dashboard_tells_the_lines_page_by_page(app: Path) -> None:
    rewind(app, "run", "--database", database_in(app), "app.py")
    session = script_in(app)
    with dashboard(database_in(app)) as ask:
        address = f"/api/sessions/{session}/output"
        everything = ask(address).json
        assert everything["next"] is None
        texts = [line["text"] for line in everything["lines"] if line["stream"] == "stdout"]
        assert texts[:3] == ["an asked item 1.5", "", "no end, and an end"]
        assert texts[-1] == "\x1b[31mred\x1b[0m\x07"
        pages: list[dict[str, Any]] = []
        first: int | None = 1
        while first is not None:
            page = ask(address, limit=1, stream="stdout", from_=first).json
            pages += page["lines"]
            first = page["next"]
        joined = "".join(line["text"] + "\n" * line["ended"] for line in pages)
        assert joined == "".join(f"{text}\n" for text in texts)
        assert ask(address, stream="stdin").status == 400


def script_in(app: Path) -> str:
    found = answers(app, "sessions", "--database", database_in(app))
    (session,) = (one["id"] for one in found if one["kind"] == "script")
    return str(session)


def test_the_setting_switches_it_off(app: Path) -> None:
    rewind(app, "run", "app.py", REWIND_OUTPUT="false")
    session = script(app)["id"]
    assert answers(app, "events", session, "--kind", "output") == []
    assert rewind(app, "output", session).stdout == ""


def test_a_program_that_is_killed_has_printed_what_it_has(app: Path) -> None:
    (app / "killed.py").write_text(
        "import os, signal\n"
        "def f():\n"
        "    print('the last words', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "f()\n"
    )
    rewind(app, "run", "killed.py")
    rewind(app, "recover")
    assert rewind(app, "output", "last").stdout == "the last words\n"


def test_a_reader_that_goes_away_is_met_as_without(app: Path) -> None:
    (app / "many.py").write_text("def f():\n    for i in range(100_000): print(i)\nf()\n")
    ended = []
    for command in (["many.py"], ["-m", "rewind", "run", "many.py"]):
        program = subprocess.Popen(
            [sys.executable, *command],
            cwd=app,
            env=environment(app),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stdout is not None
        assert program.stdout.readline() == "0\n"
        program.stdout.close()
        assert program.stderr is not None
        errors = program.stderr.read()
        program.stderr.close()
        program.wait()
        ended.append((program.returncode, "BrokenPipeError" in errors))
    assert ended[0] == ended[1]


LOOPING = """
import gc, re, sys

def say(n):
    print("line", n, [n])
    print(n, file=sys.stderr)

def held():
    gc.collect()
    (private,) = re.findall(r"RssAnon:\\s+(\\d+) kB", open("/proc/self/status").read())
    return sys.getallocatedblocks(), int(private)

def rounds(count):
    for n in range(count): say(n)
    return held()

rounds(10_000)
before, after = rounds(10_000), rounds(40_000)
with open("held.txt", "w") as file:
    file.write(f"{after[0] - before[0]} {after[1] - before[1]}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory")
@pytest.mark.parametrize("core", ["native", "python"])
def test_what_was_printed_leaves_nothing_behind(tmp_path: Path, core: str) -> None:
    """Eighty thousand texts; the segments that they are written to are not private memory."""
    (tmp_path / "app.py").write_text(LOOPING)
    assert rewind(tmp_path, "run", "app.py", REWIND_CORE=core).returncode == 0
    blocks, private = map(int, (tmp_path / "held.txt").read_text().split())
    assert blocks < 1000
    assert private < 1000  # kB
    assert script(tmp_path)["events"] > 120_000
