"""Sessions, notes, start and stop as a program uses them, from its first line to the database."""

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.integration.terminal import Done, answers, errors_of, python, rewind, run
from tests.integration.test_processes import await_writer

PROGRAM = """
import asyncio, rewind

def work(n):
    rewind.note("n", [n])
    return n + 1

@rewind.session("job", user="me", token="abc")
def job(n):
    return work(n)

@rewind.session("task")
async def task(n):
    await asyncio.sleep(0)
    return work(n)

@rewind.session("rows")
def rows(n):
    for i in range(n):
        yield work(i)

async def main():
    return await asyncio.gather(*(task(n) for n in range(3)))

with rewind.session("outer") as outer:
    print(work(10))
    outer.tag(rows=3)
print(job(1), list(rows(2)), asyncio.run(main()))
try:
    with rewind.session("fails"):
        work(1 / 0)
except ZeroDivisionError as error:
    print(error)
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAM)
    return tmp_path


@pytest.mark.parametrize("core", ["native", "python"])
def test_the_program_is_the_same_and_its_sessions_are_told(app: Path, core: str) -> None:
    plain = python(app, "app.py")
    recorded = rewind(app, "run", "app.py", REWIND_CORE=core)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    sessions = answers(app, "sessions")
    assert [one["trigger"] for one in reversed(sessions)] == [
        "app.py",
        "outer",
        "job",
        "rows",
        *["task"] * 3,
        "fails",
    ]
    script, outer, job, *_, fails = reversed(sessions)
    assert {one["parent"] for one in sessions} == {None, script["id"]}
    assert {one["kind"] for one in sessions} == {"script", "session"}
    assert outer["tags"] == {"rows": 3}
    assert job["tags"] == {"user": "me", "token": "[redacted]"}
    assert (job["module"], job["function"]) == (None, None)
    assert (fails["status"], fails["error"]["type"]) == ("error", "builtins.ZeroDivisionError")
    for number, one in enumerate(each for each in reversed(sessions) if each["trigger"] == "task"):
        found = [event for event in answers(app, "events", one["id"]) if event["name"] == "n"]
        notes = [event["value"] for event in found if event["kind"] == "note"]
        assert notes == [[number]]


def test_a_note_is_shown_in_the_frame_that_makes_it(app: Path) -> None:
    rewind(app, "run", "app.py")
    (job,) = (one for one in answers(app, "sessions") if one["trigger"] == "job")
    call, = (one for one in answers(app, "events", job["id"], "--function", "work")
             if one["kind"] == "call")  # fmt: skip
    (note,) = answers(app, "events", job["id"], "--kind", "note", "--variable", "n")
    assert (note["frame"], note["function"], note["line"]) == (call["n"], "work", 5)
    assert (note["name"], note["text"], note["file"]) == ("n", "[1]", call["file"])
    assert note["line_text"] == 'rewind.note("n", [n])'
    assert answers(app, "events", job["id"], "--variable", "m", "--kind", "note") == []
    told = rewind(app, "show", job["id"], "--event", note["n"]).stdout
    assert "note n: [1]" in told
    assert "tags      user=me, token=[redacted]" in rewind(app, "show", job["id"]).stdout
    doctor = json.loads(rewind(app, "doctor", "--session", "last", "--json").stdout)
    assert [one["name"] for one in doctor["modules"]] == ["__main__"]


@pytest.mark.parametrize("core", ["native", "python"])
def test_a_note_directly_inside_a_session_stands_where_it_is_made(
    tmp_path: Path, core: str
) -> None:
    source = """
    import rewind

    def work():
        with rewind.session("outer"):
            rewind.note("a", 1)
            with rewind.session("inner"):
                rewind.note("b", 2)
                print("printed")

    work()
    """
    (tmp_path / "app.py").write_text(dedent(source))
    assert rewind(tmp_path, "run", "app.py", REWIND_CORE=core).stdout == "printed\n"
    by_name = {one["trigger"]: one["id"] for one in answers(tmp_path, "sessions")}
    found = [*answers(tmp_path, "events", by_name["outer"], "--kind", "note")]
    found += answers(tmp_path, "events", by_name["inner"])
    places = [(one["function"], one["line"], Path(one["file"]).name) for one in found]
    assert places == [("work", line, "app.py") for line in (6, 8, 9)]
    assert found[1]["line_text"].strip() == 'rewind.note("b", 2)'
    assert [one["frame"] for one in found] == [None] * 3


def started(folder: Path, source: str, **environ: str) -> Done:
    (folder / "shop.py").write_text("def work(n):\n    return n\n")
    (folder / "app.py").write_text(dedent(source))
    done = run(folder, sys.executable, "app.py", **environ)
    assert done.returncode == 0, done.stderr
    return done


def test_a_program_starts_and_stops_its_recording(tmp_path: Path) -> None:
    source = """
    import rewind
    rewind.start(include=["shop"], name="by hand")
    import shop
    rewind.start()
    shop.work(1)
    rewind.stop()
    shop.work(2)
    rewind.stop()
    try:
        rewind.start()
    except rewind.StartError as error:
        print(error)
    with rewind.session("after"):
        shop.work(3)
    """
    done = started(tmp_path, source)
    assert "is so once" in done.stdout
    await_writer(tmp_path)
    sessions = answers(tmp_path, "sessions")
    assert [(one["trigger"], one["name"]) for one in sessions] == [
        ("shop.work", "by hand"),
        ("shop.<module>", "by hand"),
    ]


def test_what_the_environment_has_started_goes_on(tmp_path: Path) -> None:
    source = "import rewind, shop\nrewind.start(include=['nothing'])\nshop.work(1)\n"
    started(tmp_path, source, REWIND_ENABLED="1", REWIND_INCLUDE="shop")
    await_writer(tmp_path)
    assert [one["trigger"] for one in answers(tmp_path, "sessions")] == [
        "shop.work",
        "shop.<module>",
    ]


def test_an_unknown_setting_is_an_error(tmp_path: Path) -> None:
    source = """
    import rewind
    try:
        rewind.start(incude=["shop"])
    except rewind.ConfigError as error:
        print(error)
    """
    assert "rewind.start()" in started(tmp_path, source).stdout


def test_nothing_starts_where_rewind_is_disabled(tmp_path: Path) -> None:
    source = "import rewind\nrewind.start()\nimport shop\nshop.work(1)\nrewind.stop()\n"
    started(tmp_path, source, REWIND_DISABLE="1")
    assert not (tmp_path / ".rewind").exists()


def test_what_is_off_imports_next_to_nothing(tmp_path: Path) -> None:
    source = """
    import sys
    before = set(sys.modules)
    import rewind
    with rewind.session("s"): rewind.note("n", 1)
    print(*sorted(name for name in set(sys.modules) - before if name.startswith("rewind")))
    """
    assert started(tmp_path, source).stdout.split() == ["rewind", "rewind.sessions"]
