"""What a program logs and asks of others, from its first line to `rewind events`."""

from pathlib import Path

import pytest

from tests.integration.terminal import answers, errors_of, python, rewind

PROGRAM = """
import http.client, logging, sqlite3, sys, urllib.request, warnings
import rewind

class Item:
    def __str__(self): return "item"

def work():
    logging.warning("an %s", Item())
    logging.getLogger("shop").info("not wanted")
    warnings.warn("old way")
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (a)")
    try:
        urllib.request.urlopen("http://127.0.0.1:9/x?token=abc")
    except OSError:
        logging.exception("nobody is there")

def fails():
    http.client.HTTPConnection("127.0.0.1", 9).request("GET", "/")

work()
rewind.stop()
work()
code = logging.Logger.callHandlers.__code__
assert all(type(each) in (str, int, bool, type(None)) for each in code.co_consts), code.co_consts
fails()
"""


@pytest.mark.parametrize("core", ["native", "python"])
def test_a_program_logs_and_asks_as_ever_and_it_is_told(tmp_path: Path, core: str) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    plain = python(tmp_path, "app.py")
    recorded = rewind(tmp_path, "run", "app.py", REWIND_CORE=core)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    assert recorded.returncode == plain.returncode == 1
    events = answers(tmp_path, "events", "last")
    found = [(event["kind"], event["value"]) for event in events if event["function"] == "work"]
    assert [value["message"] for kind, value in found if kind == "log"] == [
        "an item",
        "UserWarning: old way",
        "nobody is there",
    ]
    assert [value["statement"] for kind, value in found if kind == "sql"] == ["CREATE TABLE t (a)"]
    (request,) = (value for kind, value in found if kind == "http")
    assert request["url"] == "http://127.0.0.1:9/x?token=[redacted]"
    assert request["error"].startswith("ConnectionRefusedError: ")
    lines = [event["line"] for event in events if event["kind"] in {"log", "sql", "http"}]
    assert lines == [9, 11, 13, 15, 17]
