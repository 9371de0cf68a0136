"""Asking a recording at the terminal: for people, and with `--json` for programs."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.integration.terminal import ORDERS, ROOT, answers, environment, python, rewind

DOCUMENT = (ROOT / "docs" / "json.md").read_text()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the example was recorded, and then a program that fails."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "fails.py").write_text("def broken():\n    raise ValueError('no')\n\nbroken()\n")
    rewind(folder, "run", "fails.py")
    done = rewind(folder, "run", "--name", "orders", ORDERS)
    assert done.returncode == 0, done.stderr
    return folder


def documented(heading: str) -> set[str]:
    """Return the field names that a table of `docs/json.md` lists."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def events(folder: Path, *options: object) -> list[dict[str, Any]]:
    return answers(folder, "events", "last", *options)


def test_sessions_are_listed_newest_first_with_the_documented_fields(recorded: Path) -> None:
    newest, oldest = answers(recorded, "sessions")
    assert (newest["name"], oldest["status"]) == ("orders", "error")
    assert set(newest) == documented("A session")


@pytest.mark.parametrize(
    ("options", "triggers"),
    [
        (["--status", "error"], ["fails.py"]),
        (["--function", "brok*"], ["fails.py"]),
        (["--module", "shop.*"], [str(ORDERS)]),
        (["--search", "ORDERS"], [str(ORDERS)]),
        (["--kind", "script"], [str(ORDERS), "fails.py"]),
        (["--kind", "task"], []),
        (["--limit", "1"], [str(ORDERS)]),
        (["--after", "1h"], [str(ORDERS), "fails.py"]),
        (["--before", "1h"], []),
        (["--after", "2100-01-01"], []),
    ],
)
def test_sessions_are_filtered(recorded: Path, options: list[str], triggers: list[str]) -> None:
    assert [found["trigger"] for found in answers(recorded, "sessions", *options)] == triggers


def test_a_list_for_people_has_headings_and_one_line_a_session(recorded: Path) -> None:
    heading, newest, oldest = rewind(recorded, "sessions").stdout.splitlines()
    assert heading.split()[:5] == ["SESSION", "STATUS", "STARTED", "DURATION", "EVENTS"]
    assert "completed" in newest
    assert re.search(r"just now|\d+ s ago|\d+ min ago", newest)
    assert "ValueError: no" in oldest


def test_what_does_not_fit_into_the_list_is_counted(recorded: Path) -> None:
    shown = rewind(recorded, "sessions", "--limit", "1").stdout
    assert shown.splitlines()[-1] == "... and 1 older (--limit)"


def test_the_short_id_of_the_list_names_the_session(recorded: Path) -> None:
    short = rewind(recorded, "sessions").stdout.splitlines()[1].split()[0]
    found = rewind(recorded, "show", short, "--json")
    assert json.loads(found.stdout)["name"] == "orders"


def test_a_session_tells_of_its_recording(recorded: Path) -> None:
    (shown,) = answers(recorded, "show", "last")
    assert shown["recording"]["argv"] == [str(ORDERS)]
    assert shown["recording"]["cwd"] == str(recorded)
    text = rewind(recorded, "show", "last").stdout
    assert shown["id"] in text
    assert "values withheld" in text


def test_the_error_of_a_session_leads_to_its_moment(recorded: Path) -> None:
    failed = answers(recorded, "sessions", "--status", "error")[0]
    text = rewind(recorded, "show", failed["id"]).stdout
    assert "ValueError: no" in text
    assert f"rewind show {failed['id']} --event {failed['error']['event']}" in text


def test_events_have_the_documented_fields_and_count_from_one(recorded: Path) -> None:
    found = events(recorded)
    assert [event["n"] for event in found] == list(range(1, len(found) + 1))
    assert all(one["time_ns"] <= other["time_ns"] for one, other in pairwise(found))
    fields = documented("An event")
    optional = {"owner", "key", "id", "traceback"}
    assert all(fields - optional <= set(event) <= fields for event in found)
    assert {event["kind"] for event in found} >= {
        *("call", "return", "variable", "branch", "exception", "handled"),
        *("yield", "resume", "loop", "mutate", "attribute"),
    }


def test_events_are_filtered(recorded: Path) -> None:
    calls = events(recorded, "--kind", "call", "--function", "bill_for")
    assert [call["value"]["order"]["attributes"]["number"] for call in calls] == [1, 2, 3, 4, 5]
    assert {event["name"] for event in events(recorded, "--variable", "gross")} == {"gross"}
    assert [event["n"] for event in events(recorded, "--from", "5", "--to", "7")] == [5, 6, 7]
    assert [event["n"] for event in events(recorded, "--limit", "2")] == [1, 2]


def test_a_limit_beyond_all_numbers_is_none(recorded: Path) -> None:
    assert [event["n"] for event in events(recorded, "--to", "2", "--limit", "9" * 30)] == [1, 2]
    assert answers(recorded, "sessions", "--limit", "9" * 30) == answers(recorded, "sessions")


def test_the_bug_of_the_example_is_in_the_recording(recorded: Path) -> None:
    """The same list, by its identity, grows from order to order."""
    grown = [e for e in events(recorded, "--variable", "discounts") if e["kind"] == "mutate"]
    assert [event["value"] for event in grown] == [[10, 15], [10, 15, 15], [5]]
    assert grown[0]["id"] == grown[1]["id"]


def test_the_readme_shows_what_the_example_really_gives(recorded: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = dict(re.findall(r"^\$ (.*)\n((?:(?!```).*\n)*)```", readme, re.MULTILINE))
    printed = blocks["cd examples/orders && rewind run orders.py"]
    assert printed == python(recorded, ORDERS).stdout
    listed = blocks["rewind events last --variable discounts"]
    shown = rewind(recorded, "events", "last", "--variable", "discounts").stdout
    times = re.compile(r"^( *\d+) +[\d.]+ .s", re.MULTILINE)
    assert times.sub(r"\1", listed) == times.sub(r"\1", shown)


def test_secrets_of_the_example_are_withheld(recorded: Path) -> None:
    text = rewind(recorded, "events", "last", "--json").stdout
    assert "$redacted" in text
    assert f"tok-{crc32(b'Ada'):x}" not in text


def test_events_for_people_are_one_line_each_indented_by_depth(recorded: Path) -> None:
    lines = rewind(recorded, "events", "last", "--function", "price_of").stdout.splitlines()
    assert len(lines) == len(events(recorded, "--function", "price_of"))
    assert re.match(
        r" +\d+ +[\d.]+ \w+  call +shop\.pricing:\d+ {8,}price_of\(product='tea'\)$", lines[0]
    )


def test_a_moment_has_source_stack_and_variables(recorded: Path) -> None:
    write = events(recorded, "--variable", "gross", "--limit", "1")
    (moment,) = answers(recorded, "show", "last", "--event", write[0]["n"])
    assert [entry["function"] for entry in moment["stack"]] == ["bill_for", "main", "<module>"]
    changed = [each for each in moment["variables"] if each["changed"]]
    assert [each["name"] for each in changed] == ["gross"]
    source = moment["source"]
    assert "gross" in source["lines"][source["line"] - source["first"]]
    outer = moment["stack"][1]["frame"]
    (other,) = answers(recorded, "show", "last", "--event", write[0]["n"], "--frame", outer)
    assert {"order", "total"} <= {each["name"] for each in other["variables"]}


def test_a_moment_for_people_marks_line_frame_and_change(recorded: Path) -> None:
    write = events(recorded, "--variable", "gross", "--kind", "variable")[1]
    text = rewind(recorded, "show", "last", "--event", write["n"]).stdout
    assert re.search(rf"^→ +{write['line']}  ", text, re.MULTILINE)
    assert re.search(r"^→ +\d+  shop\.pricing:\d+  bill_for\(", text, re.MULTILINE)
    assert re.search(r"^\* +\d+  gross +\d+  \(was \d+\)", text, re.MULTILINE)


def test_a_moment_tells_variables_as_others_have_left_them(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import asyncio\n"
        "items, total, seen = [], 0, 0\n"
        "def add(x):\n"
        "    global total\n"
        "    items.append(x)\n"
        "    total += x\n"
        "async def look():\n"
        "    global seen\n"
        "    seen = total\n"
        "async def main(): await asyncio.gather(look(), look())\n"
        "add(2)\n"
        "asyncio.run(main())\n"
        "done = 1\n"
    )
    rewind(tmp_path, "run", "app.py")
    (last,) = events(tmp_path, "--variable", "done", "--kind", "variable")
    text = rewind(tmp_path, "show", "last", "--event", last["n"]).stdout
    assert re.search(r"^ +\d+  items +\[2\]$", text, re.MULTILINE)
    assert re.search(r"^ +\d+  total +2$", text, re.MULTILINE)
    # Tasks have bound it, whose events are in sessions of their own.
    assert re.search(r"^ +(\d+)  seen +0  \(as of event \1\)$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "ffff"], "there is no session ffff"),
        (["events", "ffff"], "there is no session ffff"),
        (["show", "last", "--event", "999999"], "has no event 999999"),
        (["sessions", "--after", "whenever"], "such as 2h or 3d"),
        (["sessions", "--status", "eror"], "'eror'"),
        (["events", "last", "--kind", "cal"], "'cal'"),
        (["sessions", "--database", "sqlite:///none.db"], "there are no recordings"),
        (["ui", "ffff"], "there is no session ffff"),
        (["ui", "--event", "5"], "--event is a moment of a SESSION"),
    ],
)
def test_a_question_without_an_answer_is_one_line(
    recorded: Path, arguments: list[str], message: str
) -> None:
    done = rewind(recorded, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rewind: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert not (recorded / "none.db").exists()


def test_a_reader_that_goes_away_is_no_error(recorded: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rewind", "events", "last", "--json"],
        cwd=recorded,
        env=environment(recorded),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_effective_settings_are_shown_with_their_origin(recorded: Path) -> None:
    done = rewind(recorded, "config", "--json", REWIND_MAX_ITEMS="7")
    (row,) = (row for row in json.loads(done.stdout) if row["name"] == "max_items")
    assert (row["value"], row["default"]) == (7, 50)
    assert row["origin"] == "REWIND_MAX_ITEMS in the environment"
    assert re.search(
        r"^max_items +REWIND_MAX_ITEMS",
        rewind(recorded, "config", REWIND_MAX_ITEMS="7").stdout,
        re.MULTILINE,
    )


def test_the_state_of_the_database_is_shown(recorded: Path) -> None:
    done = rewind(recorded, "db", "status", "--json")
    assert json.loads(done.stdout)["sessions"] == 2
    assert "is up to date" in rewind(recorded, "db", "upgrade").stdout


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        ([], "/"),
        (["last"], "/sessions/ID"),
        (["last", "--event", "5"], "/sessions/ID?n=5"),
        (["last", "--event", "5", "--token", "a b"], "/sessions/ID?token=a%20b&n=5"),
    ],
)
def test_the_dashboard_begins_where_it_is_asked_to(
    recorded: Path, arguments: list[str], end: str
) -> None:
    newest = answers(recorded, "sessions", "--limit", "1")[0]["id"]
    with subprocess.Popen(
        [sys.executable, "-m", "rewind", "ui", *arguments, "--port", "0", "--no-open"],
        cwd=recorded,
        env=environment(recorded),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert re.search(rf"http://127\.0\.0\.1:\d+{re.escape(end.replace('ID', newest))} ", line)
    assert process.returncode == 0


def test_a_session_is_followed_while_it_runs(tmp_path: Path) -> None:
    """What is printed is what is printed of it later, and printing it ends with the session."""
    (tmp_path / "slow.py").write_text(
        "import time\n\ndef work():\n"
        "    for number in range(200):\n        time.sleep(0.02)\n\nwork()\n"
    )
    command = [sys.executable, "-m", "rewind", "run", "slow.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.DEVNULL
    ) as program:
        while not rewind(tmp_path, "sessions", "--json").stdout:
            assert program.poll() is None
        followed = events(tmp_path, "--kind", "variable", "--follow")
        assert program.wait() == 0
    assert [event["value"] for event in followed] == list(range(200))
    assert followed == events(tmp_path, "--kind", "variable")


def test_events_are_found_by_file_and_line(recorded: Path) -> None:
    raised = events(recorded, "--kind", "exception")[0]
    found = events(recorded, "--file", raised["file"], "--line", str(raised["line"]))
    assert raised in found
    assert {event["line"] for event in found} == {raised["line"]}
