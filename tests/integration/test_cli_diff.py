"""`rewind diff`: two sessions compared at the terminal."""

import json
from pathlib import Path

import pytest

from tests.integration.terminal import answers, rewind

BILLS = """\
import sys

def discount(level):
    if level == "gold":
        return 10
    return 0

def bill(prices, level):
    total = 0
    for price in prices:
        total += price
    return total - discount(level)

bill([450, int(sys.argv[1])], sys.argv[2])
bill([7, 8], "new")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one, the same with another price, and with another level."""
    folder = tmp_path_factory.mktemp("bills")
    (folder / "bills.py").write_text(BILLS)
    for price, level in (("890", "gold"), ("120", "gold"), ("890", "new")):
        assert rewind(folder, "run", "bills.py", price, level).returncode == 0
    return folder


def ids(folder: Path) -> list[str]:
    """Return the sessions in the order in which they ran."""
    return [str(session["id"]) for session in reversed(answers(folder, "sessions"))]


def test_where_two_sessions_part_is_told_with_both_events(folder: Path) -> None:
    first, second, _ = ids(folder)
    done = rewind(folder, "diff", first, second)
    assert done.returncode == 1, done.stderr
    head, mine, theirs = done.stdout.splitlines()
    assert head.endswith("say the same, then the same step tells another value")
    assert "bill(prices=[450, 890], level='gold')" in mine
    assert "bill(prices=[450, 120], level='gold')" in theirs


def test_further_differences_come_one_after_the_other(folder: Path) -> None:
    first, second, _ = ids(folder)
    done = rewind(folder, "diff", first, second, "--limit", 9, "--json")
    assert done.returncode == 1
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["event"]["text"] for each in told[1:-1]] == ["890", "1340", "1330"]
    assert told[-1]["difference"] is None
    assert told[-1]["event"] is None
    events = {event["n"]: event for event in answers(folder, "events", first)}
    for each in told[:-1]:
        assert each["event"] == events[each["difference"]["n"]]


def test_another_way_is_told_with_where_both_meet_again(folder: Path) -> None:
    first, _, third = ids(folder)
    done = rewind(folder, "diff", first, third, "--limit", 9, "--json")
    told = [json.loads(line)["difference"] for line in done.stdout.splitlines()]
    (step,) = (each for each in told if each is not None and each["what"] == "step")
    events = [
        {event["n"]: event for event in answers(folder, "events", of)} for of in (first, third)
    ]
    assert events[0][step["n"]]["text"] == "10"
    joined = [events[0][step["joins"]["n"]], events[1][step["joins"]["with_n"]]]
    assert [each["line"] for each in joined] == [joined[0]["line"]] * 2


def test_a_session_is_the_same_as_itself(folder: Path) -> None:
    first, *_ = ids(folder)
    done = rewind(folder, "diff", first, first)
    count = len(answers(folder, "events", first))
    assert (done.returncode, done.stdout) == (0, f"{count} events say the same, then both end\n")


def test_exported_files_are_compared(folder: Path) -> None:
    first, second, _ = ids(folder)
    for session, name in ((first, "before.rewind"), (second, "after.rewind")):
        assert rewind(folder, "export", session, "--output", name).returncode == 0
    done = rewind(folder, "diff", "before.rewind", "after.rewind")
    assert done.returncode == 1, done.stderr
    assert "[450, 120]" in done.stdout


def test_an_unknown_session_is_an_error(folder: Path) -> None:
    done = rewind(folder, "diff", "last", "ffffffff")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no session ffffffff" in done.stderr
