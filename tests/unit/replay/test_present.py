"""The JSON is what `docs/json.md` says: neither has a field that the other lacks."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rewind.errors import FormatError
from rewind.model.sites import COROUTINE
from rewind.model.values import Tag
from rewind.replay import present, tables
from rewind.replay.archive import Archive
from rewind.replay.calls import calls_around
from rewind.replay.difference import Comparison, Difference, Pair, difference
from rewind.replay.expressions import parse_columns
from rewind.replay.prints import Print, hits_around, line_of
from rewind.replay.session import Session
from rewind.replay.watches import watched
from tests.unit.replay.stored import RECORDING, START_NS, stored
from tests.unit.replay.told import FILE, SESSION, Told

DOCUMENT = (Path(__file__).parents[3] / "docs" / "json.md").read_text(encoding="utf-8")
LOST = (Tag.EXCEPTION, 90, "builtins.KeyError", 1, "gold")
OWNER = (Tag.OPAQUE, 7, "shop.Order")
ITEMS = (Tag.LIST, 100, 1, "tea")


def section(title: str) -> str:
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table_fields(title: str) -> set[str]:
    """Return the names in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(title), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def answer_fields(address: str) -> set[str]:
    """Return the quoted names in the row of an address."""
    (row,) = re.findall(rf"^\| `{re.escape(address)}[?`].*$", DOCUMENT, re.MULTILINE)
    return set(re.findall(r'"(\w+)"', row))


def keys(shown: object, *opaque: str) -> set[str]:
    """Return all names in `shown`, without looking into what the program said."""
    if isinstance(shown, list):
        return set().union(*(keys(item, *opaque) for item in shown))
    if not isinstance(shown, dict):
        return set()
    inside = (keys(item, *opaque) for name, item in shown.items() if name not in opaque)
    return set(shown).union(*inside)


def told_all_kinds() -> Told:
    told = Told()
    main = told.function("main", "order", flavour=COROUTINE)
    told.event("call", main, 5, ITEMS, line=1)
    told.event("variable", main, 1, name="total", line=2)
    told.event("variable", main, 2, name="total", line=3)
    told.event("attribute", main, OWNER, ITEMS, name="items", line=4)
    told.event("item", main, OWNER, "a", 5, name="prices", line=4)
    told.event("mutate", main, ITEMS, name="order", detail="append", line=5)
    told.event("delete", main, OWNER, "a", name="prices", line=5)
    told.event("delete", main, name="total", line=5)
    told.event("branch", main, True, name="total > 1", detail="if", line=6)
    told.event("loop", main, detail="for", line=7)
    told.event("await", main, line=8)
    told.event("resume", main, 5, None, line=8)
    told.event("yield", main, 1, line=8)
    told.event("resume", main, 5, None, line=8)
    told.event("exception", main, LOST, 9, False, [[FILE, 9, "main"]], line=1)
    told.event("handled", main, LOST, name="error", line=10)
    told.event("return", main, (Tag.TEXT, 900, "long"), line=11)
    return told


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return stored(
        tmp_path,
        told_all_kinds(),
        status="error",
        tags={"job": "7"},
        error_type="KeyError",
        error_message="'gold'",
        error_event=15,
    )


@pytest.fixture
def session(archive: Archive) -> Session:
    return archive.session(SESSION)


def test_a_session_has_the_documented_fields(session: Session) -> None:
    shown = present.session(session.facts)
    assert set(shown) == table_fields("A session")
    assert json.loads(json.dumps(shown)) == shown
    assert shown["start"] == "2026-01-01T00:00:00.123456Z"
    assert shown["end"] == "2026-01-01T00:00:00.123456Z"
    assert shown["recording"] == RECORDING
    assert shown["error"] == {"type": "KeyError", "message": "'gold'", "event": 15}
    assert shown["tags"] == {"job": "7"}
    assert shown["process"] == 7
    assert (shown["host"], shown["service"], shown["name"]) == ("box", "shop", "nightly")


def test_a_running_session_has_no_end(tmp_path: Path) -> None:
    archive = stored(tmp_path, told_all_kinds(), status="running", duration_ns=None)
    shown = present.session(archive.session("last").facts)
    assert (shown["end"], shown["duration_ns"], shown["error"]) == (None, None, None)


def test_times_are_exact_to_the_microsecond(session: Session) -> None:
    facts = session.facts._replace(start_ns=START_NS, duration_ns=1_000_001_000)
    assert present.session(facts)["end"] == "2026-01-01T00:00:01.123457Z"


def test_events_have_the_documented_fields(session: Session) -> None:
    documented = table_fields("An event")
    optional = {"owner", "key", "id", "traceback"}
    seen: set[str] = set()
    for event in session.events():
        shown = present.event(session, event)
        assert documented - optional <= set(shown) <= documented
        json.dumps(shown)
        seen |= set(shown)
    assert seen == documented


def shown_event(session: Session, kind: str) -> dict[str, Any]:
    event = next(event for event in session.events() if event.kind == kind)
    return present.event(session, event)


def test_a_call_shows_its_arguments(session: Session) -> None:
    call = shown_event(session, "call")
    assert call["value"] == {"order": ["tea"]}
    assert call["text"] == "(order=['tea'])"
    assert (call["frame"], call["depth"], call["function"]) == (1, 1, "main")
    assert (call["module"], call["file"], call["line"]) == ("shop", FILE, 1)
    assert call["line_text"] == "line 1"
    assert call["time_ns"] == 10


def test_an_item_shows_whose_it_is(session: Session) -> None:
    item = shown_event(session, "item")
    assert item["owner"] == {"$type": "shop.Order", "id": 7}
    assert (item["key"], item["value"], item["name"]) == ("a", 5, "prices")


def test_an_object_that_can_change_shows_its_identity(session: Session) -> None:
    assert shown_event(session, "attribute")["id"] == 100
    assert "id" not in shown_event(session, "variable")


def test_an_exception_shows_type_line_and_traceback(session: Session) -> None:
    exception = shown_event(session, "exception")
    assert (exception["name"], exception["line"]) == ("KeyError", 9)
    assert exception["traceback"] == [{"file": FILE, "line": 9, "function": "main"}]
    assert exception["line_text"] == "line 9"


def test_an_event_without_a_value_shows_none(session: Session) -> None:
    loop = shown_event(session, "loop")
    assert (loop["value"], loop["text"]) == (None, "")
    resumed = shown_event(session, "resume")
    assert (resumed["value"], resumed["text"]) == (None, "None")


def test_an_event_without_a_frame_has_depth_none(tmp_path: Path) -> None:
    told = Told()
    told.event("loop", told.function("main"))
    session = stored(tmp_path, told).session(SESSION)
    shown = present.event(session, session.event(1))
    assert (shown["frame"], shown["depth"]) == (None, 0)
    moment = present.moment(session, session.moment(1))
    assert (moment["frame"], moment["stack"], moment["source"]) == (None, [], None)


def test_a_moment_has_the_documented_fields(session: Session) -> None:
    block = section("A moment").partition("```")[2].partition("```")[0]
    documented = set(re.findall(r'"(\w+)"', block))
    shown: Any = present.moment(session, session.moment(6))
    assert shown["session"] == present.session(session.facts)
    assert shown["event"] == present.event(session, session.event(6))
    assert keys(shown, "session", "event", "call", "value", "tree") == documented


def test_a_moments_variables_say_what_changed_and_from_what(session: Session) -> None:
    changed: Any = present.moment(session, session.moment(3))["variables"]
    assert [(v["name"], v["text"], v["changed"], v["previous"], v["n"]) for v in changed] == [
        ("order", "['tea']", False, None, 1),
        ("total", "2", True, "1", 3),
    ]
    later: Any = present.moment(session, session.moment(4))["variables"]
    assert [(v["changed"], v["previous"]) for v in later] == [(False, None)] * 2


def test_a_variables_tree_has_the_documented_fields(session: Session) -> None:
    (sentence,) = re.findall(r"`tree` is for the page:\s+`(.*?)`", DOCUMENT, re.DOTALL)
    documented = set(re.findall(r'"(\w+)"', sentence))
    shown: Any = present.moment(session, session.moment(17))["variables"]
    told = keys([variable["tree"] for variable in shown])
    assert told | {"note"} == documented


def test_a_moments_source_is_around_its_line(session: Session) -> None:
    source: Any = present.moment(session, session.moment(17))["source"]
    assert (source["file"], source["first"], source["line"]) == (FILE, 1, 11)
    assert source["lines"] == [f"    line {n}" for n in range(1, 22)]


def test_answers_of_the_api_have_the_documented_fields(archive: Archive, session: Session) -> None:
    facts = session.facts
    details: Any = present.session_details(facts, archive.recording(facts.recording_id))
    assert keys(details["recording"]) == answer_fields("/api/sessions/<id>")
    assert details["recording"]["reports"][0]["what"] == "module-skipped"
    assert details["recording"]["cost"] == {"probe_ns": 900, "events": 17}

    recorded = archive.recording(facts.recording_id)
    assert recorded is not None
    shown = present.recording_details(recorded)
    documented = answer_fields("/api/sessions/<id>") | answer_fields("/api/recordings/<id>")
    assert keys(shown) == documented

    figures = present.status(archive.status(), archive.name, "1.0", changeable=True)
    assert set(figures) == answer_fields("/api/status") - {"rewind", "db"}

    timeline = present.timeline(session, session.timeline(5))
    assert keys(timeline, "kinds") | {"kind"} == answer_fields("/api/sessions/<id>/timeline")

    module = session.module_of(FILE)
    assert module is not None
    source = present.source(module, session.source(module))
    assert set(source) == answer_fields("/api/sessions/<id>/source")


def test_prints_and_watches_have_the_documented_fields(session: Session) -> None:
    module = session.module_of(FILE)
    assert module is not None
    line = line_of(session, module, 3)
    assert line is not None
    page = Print(session, line, parse_columns("total, missing"), None).page(1)
    shown: Any = tables.printed(line, ("total", "missing"), page)
    cells: Any = shown["rows"][0]["cells"]
    assert keys(shown) - keys(cells) == answer_fields("/api/sessions/<id>/print")
    assert [set(cell) for cell in cells] == [{"text", "number"}, {"problem"}]

    around = hits_around(session, line, 3)
    assert around is not None
    assert set(tables.hits(around)) == answer_fields("/api/sessions/<id>/hits")

    opened = calls_around(session, 1)
    assert opened is not None
    assert set(tables.hits(opened)) == answer_fields("/api/sessions/<id>/hits")

    told: Any = tables.watches(3, watched(session, ["total", "missing"], 3, None))
    documented = answer_fields("/api/sessions/<id>/watch") - {"since"}
    assert keys(told, "tree") == documented


def test_comparisons_have_the_documented_fields(session: Session) -> None:
    parts = Difference("value", 3, 3, Pair(4, 4))
    documented = answer_fields("/api/sessions/<id>/difference")
    assert keys(tables.comparison(Comparison(2, parts, None))) == documented
    assert keys(tables.comparison(difference(session, session))) == {"same", "difference", "next"}


def test_a_session_without_events_has_an_empty_timeline(tmp_path: Path) -> None:
    session = stored(tmp_path, Told()).session(SESSION)
    shown = present.timeline(session, session.timeline(5))
    assert (shown["first"], shown["last"], shown["buckets"]) == (0, 0, [])


def test_a_malformed_value_is_named_by_session_and_event(tmp_path: Path) -> None:
    told = Told()
    main = told.function("main")
    told.event("call", main)
    told.event("variable", main, (99, "no such tag"), name="x")
    session = stored(tmp_path, told).session(SESSION)
    named = pytest.raises(FormatError, match=f"^session {SESSION}, event 2: ")
    with named:
        present.event(session, session.event(2))
    with named:
        present.moment(session, session.moment(2))
    assert present.event(session, session.event(1))["kind"] == "call"
