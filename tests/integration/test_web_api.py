"""The dashboard's API over real connections, on a database that the real writer filled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewind import __version__
from rewind.writer import WriterSettings, run
from tests.integration.dashboard import Asker, dashboard, database_in
from tests.shop import Shop, shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    spooled, _ = shop(folder / "spool", sessions=3)
    assert run(spooled.path, WriterSettings(database_in(folder), linger=0.0)) == 0
    return folder


@pytest.fixture(scope="module")
def ask(folder: Path) -> Iterator[Asker]:
    with dashboard(database_in(folder)) as asker:
        yield asker


@pytest.fixture(scope="module")
def session(ask: Asker) -> str:
    """The address of the newest session."""
    newest = ask("/api/sessions").json["sessions"][0]
    return f"/api/sessions/{newest['id']}"


def test_status_names_the_database_and_the_version(ask: Asker) -> None:
    status = ask("/api/status").json
    assert status["database"] == "rewind.db"
    assert status["version"] == __version__
    assert (status["sessions"], status["recording"]) == (3, 0)
    assert status["bytes"] > 0


def test_sessions_are_listed_newest_first_in_pages(ask: Asker) -> None:
    everything = ask("/api/sessions").json
    starts = [session["start"] for session in everything["sessions"]]
    assert starts == sorted(starts, reverse=True)
    assert everything["total"] == len(starts) == 3
    page = ask("/api/sessions", limit=1, offset=1).json
    assert page["sessions"] == everything["sessions"][1:2]
    assert page["total"] == 3
    assert ask("/api/sessions", limit=0).json == {"sessions": [], "total": 3}


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"status": "completed"}, 3),
        ({"status": "running"}, 0),
        ({"kind": "script"}, 3),
        ({"function": "disc*"}, 3),
        ({"function": "nobody"}, 0),
        ({"module": "__main__"}, 3),
        ({"search": "SHOP"}, 3),
        ({"search": "%"}, 0),
        ({"service": "another"}, 0),
        ({"after": "2020-01-01T00:00:00Z"}, 3),
        ({"before": "2020-01-01T00:00:00Z"}, 0),
        ({"before": "9999-01-01"}, 3),
        ({"tags": "method"}, 0),
        ({"tags": "method=GET\nstatus=500"}, 0),
    ],
)
def test_sessions_are_filtered(ask: Asker, query: dict[str, Any], total: int) -> None:
    assert ask("/api/sessions", **query).json["total"] == total


def test_a_session_comes_with_its_recording(ask: Asker, session: str) -> None:
    shown = ask(session).json
    assert shown["events"] == Shop.EVENTS
    assert shown["recording"]["argv"] == ["shop.py", "--fast"]
    assert shown["recording"]["cost"]["events"] == 3 * Shop.EVENTS
    assert ask("/api/sessions/last").json["id"] in session


def test_events_come_in_ranges_and_filtered(ask: Asker, session: str) -> None:
    shown = ask(f"{session}/events", from_=5, to=7).json
    assert [event["n"] for event in shown["events"]] == [5, 6, 7]
    assert (shown["first"], shown["last"]) == (1, Shop.EVENTS)
    calls = ask(f"{session}/events", kind="call,handled", function="main").json["events"]
    assert [event["kind"] for event in calls] == ["call", "handled"]
    writes = ask(f"{session}/events", variable="amount", limit=2).json["events"]
    assert [event["text"] for event in writes] == ["0", "4"]
    assert ask(f"{session}/events", from_=999).json["events"] == []


@pytest.mark.parametrize(
    "query",
    [{"variable": "amount"}, {"kind": "call,handled"}, {"kind": "handled", "function": "nobody"}],
)
def test_the_next_and_the_previous_event_are_those_of_the_whole_list(
    ask: Asker, session: str, query: dict[str, Any]
) -> None:
    every = ask(f"{session}/events", **query).json["events"]
    for n in range(Shop.EVENTS + 2):
        after = next((event for event in every if event["n"] > n), None)
        before = next((event for event in reversed(every) if event["n"] < n), None)
        assert ask(f"{session}/next", n=n, **query).json == {"event": after}
        assert ask(f"{session}/previous", n=n, **query).json == {"event": before}


def test_events_at_a_line_are_found(ask: Asker, session: str) -> None:
    raised = ask(f"{session}/events", kind="exception").json["events"][0]
    place = {"file": raised["file"], "line": raised["line"]}
    assert raised in ask(f"{session}/events", **place).json["events"]
    assert (
        ask(f"{session}/next", n=raised["n"] - 1, kind="exception", **place).json["event"] == raised
    )
    assert ask(f"{session}/next", n=1, file="elsewhere.py", line=1).json == {"event": None}


def test_the_number_of_sessions_is_that_of_all_pages(ask: Asker) -> None:
    for limit, offset in ((1, 0), (2, 0), (3, 0), (4, 0), (2, 2), (2, 3), (2, 9)):
        assert ask("/api/sessions", limit=limit, offset=offset).json["total"] == 3


def test_a_moment_beyond_the_end_is_the_nearest(ask: Asker, session: str) -> None:
    assert ask(f"{session}/moment", n=0).json["n"] == 1
    assert ask(f"{session}/moment", n=10**18).json["n"] == Shop.EVENTS
    assert ask(f"{session}/moment", n=9 * 10**18 + 9).json["n"] == Shop.EVENTS


def test_a_moment_shows_the_frame_that_was_chosen(ask: Asker, session: str) -> None:
    call = ask(f"{session}/events", kind="call", function="discount").json["events"][0]
    innermost = ask(f"{session}/moment", n=call["n"]).json
    assert [variable["name"] for variable in innermost["variables"]] == ["amount"]
    caller = innermost["stack"][1]["frame"]
    chosen = ask(f"{session}/moment", n=call["n"], frame=caller).json
    assert chosen["frame"] == caller
    assert {variable["name"] for variable in chosen["variables"]} >= {"items", "code", "name"}
    assert chosen["source"]["lines"][chosen["source"]["line"] - chosen["source"]["first"]] == (
        '    if code == "SPRING":'
    )


def test_moments_for_playing_are_those_of_the_single_question(ask: Asker, session: str) -> None:
    moments = ask(f"{session}/moments", from_=3, to=9).json["moments"]
    assert moments == [ask(f"{session}/moment", n=n).json for n in range(3, 10)]
    assert len(ask(f"{session}/moments", from_=1, to=10**6).json["moments"]) == Shop.EVENTS


def test_at_most_fifty_moments_come_at_once(ask: Asker) -> None:
    """The shop has fewer events: the bound is on the numbers asked for."""
    moments = ask("/api/sessions/last/moments", from_=2).json["moments"]
    assert len(moments) == Shop.EVENTS - 1


def test_the_source_is_the_recorded_one(ask: Asker, session: str) -> None:
    file = ask(f"{session}/moment", n=1).json["event"]["file"]
    source = ask(f"{session}/source", file=file).json
    assert (source["file"], source["module"]) == (file, "__main__")
    assert source["lines"][2] == "def total(items, code=None):"


def test_the_timeline_covers_the_session(ask: Asker, session: str) -> None:
    timeline = ask(f"{session}/timeline", buckets=10).json
    assert (timeline["first"], timeline["last"]) == (1, Shop.EVENTS)
    assert len(timeline["buckets"]) == 10
    assert timeline["spans"][0]["function"] == "<module>"
    assert timeline["spans"][0]["last"] == Shop.EVENTS
    assert [mark["text"] for mark in timeline["exceptions"]] == ["KeyError('gold')"]
    assert ask(f"{session}/timeline", buckets=0).json["spans"] == timeline["spans"]


def test_the_timeline_of_a_part_is_of_that_part(ask: Asker, session: str) -> None:
    part = ask(f"{session}/timeline", buckets=4, from_=5, to=12).json
    assert (part["first"], part["last"]) == (5, 12)
    assert (part["buckets"][0]["first"], part["buckets"][-1]["last"]) == (5, 12)
    assert all(5 <= span["first"] <= span["last"] <= 12 for span in part["spans"])
    assert part["exceptions"] == []
    whole = ask(f"{session}/timeline", buckets=4).json
    assert part["duration_ns"] == whole["duration_ns"]
    assert ask(f"{session}/timeline", from_=10**6).json["buckets"] == []
    at = whole["buckets"][1]["start_ns"]
    around = ask(f"{session}/timeline", start_ns=at, end_ns=at).json
    assert around["buckets"][0]["start_ns"] <= at <= around["buckets"][-1]["end_ns"]
    after = ask(f"{session}/timeline", start_ns=10**15).json
    assert (after["first"], after["buckets"]) == (0, [])


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/sessions/ffffffff", 404, "no-such-session"),
        ("/api/sessions/not-an-id/moment?n=1", 404, "no-such-session"),
        ("/api/sessions/0", 404, "no-such-session"),
        ("/api/sessions/last/moment", 400, "bad-request"),
        ("/api/sessions/last/moment?n=x", 400, "bad-request"),
        ("/api/sessions/last/moment?n=1&frmae=2", 400, "bad-request"),
        ("/api/sessions/last/events?kind=jump", 400, "bad-request"),
        ("/api/sessions/last/source", 404, "no-such-source"),
        ("/api/sessions/last/source?file=/etc/passwd", 404, "no-such-source"),
        ("/api/sessions?status=lost", 400, "bad-request"),
        ("/api/sessions?after=yesterday", 400, "bad-request"),
        ("/api/nothing", 404, "not-found"),
        ("/nothing", 404, "not-found"),
        ("/assets/../../app.py", 404, "not-found"),
        ("/assets/%2e%2e/%2e%2e/app.py", 404, "not-found"),
    ],
)
def test_what_cannot_be_answered_is_told_as_json(
    ask: Asker, path: str, status: int, slug: str
) -> None:
    answer = ask(path)
    assert answer.status == status
    assert answer.json["error"]["slug"] == slug
    assert answer.json["error"]["message"]


def test_an_ambiguous_beginning_of_an_id_names_candidates(ask: Asker, session: str) -> None:
    answer = ask("/api/sessions/" + session.rpartition("/")[2][:2])
    assert answer.status == 404
    assert session.rpartition("/")[2] in answer.json["error"]["message"]


def test_recorded_values_are_kept_in_no_cache_and_run_nowhere(ask: Asker) -> None:
    answer = ask("/api/sessions")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_call_is_counted_among_those_of_its_function(ask: Asker, session: str) -> None:
    calls = ask(f"{session}/events", kind="call").json["events"]
    for call in calls:
        same = [other["n"] for other in calls if other["function"] == call["function"]]
        at = same.index(call["n"])
        assert ask(f"{session}/calls", frame=call["n"]).json == {
            "at": at + 1,
            "hits": len(same),
            "previous": same[at - 1] if at else None,
            "next": same[at + 1] if at + 1 < len(same) else None,
        }
    other = ask(f"{session}/calls", frame=2)
    assert (other.status, other.json["error"]["slug"]) == (404, "no-such-call")


def test_a_session_is_compared_with_another(ask: Asker, session: str) -> None:
    others = [found["id"] for found in ask("/api/sessions").json["sessions"]]
    for other in others:
        found = ask(f"{session}/difference", with_=other).json
        assert found == {"same": Shop.EVENTS, "difference": None, "next": None}
    found = ask(f"{session}/difference", with_=others[1], from_=2, with_from=1).json
    assert (found["same"], found["difference"]["what"]) == (0, "step")
    assert (found["difference"]["n"], found["difference"]["with_n"]) == (2, 1)
    assert ask(f"{session}/difference").status == 400
    assert ask(f"{session}/difference", with_="f" * 32).status == 404


def test_writing_is_refused(ask: Asker) -> None:
    for method in ("POST", "PATCH", "OPTIONS"):
        assert ask.send(method, "/api/sessions", {}).status == 405
    for method in ("PUT", "DELETE"):
        assert ask.send(method, "/api/sessions", {}).status == 403
    assert ask.send("HEAD", "/api/sessions", {}).status == 200


def test_a_broken_recording_is_told_and_the_others_stay_readable(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    spooled, ids = shop(tmp_path / "spool", sessions=2)
    assert run(spooled.path, WriterSettings(database, linger=0.0)) == 0
    _break(tmp_path, ids[0])
    with dashboard(database) as ask:
        broken = ask(f"/api/sessions/{ids[0]}/moment", n=1)
        assert broken.status == 503
        assert broken.json["error"]["slug"] == "format"
        assert ids[0] in broken.json["error"]["message"]
        assert ask(f"/api/sessions/{ids[1]}/moment", n=1).status == 200
        assert len(ask("/api/sessions").json["sessions"]) == 2


def _break(folder: Path, session: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "rewind.db")) as connection, connection:
        connection.execute("UPDATE chunks SET data = x'00' WHERE session_id = ?", (session,))


def test_an_empty_database_has_an_empty_list(tmp_path: Path) -> None:
    with dashboard(database_in(tmp_path)) as ask:
        assert ask("/api/sessions").json == {"sessions": [], "total": 0}
        answer: Any = ask("/api/sessions/last").json
        assert answer["error"]["slug"] == "no-such-session"


def test_the_modules_of_a_recording_are_told(ask: Asker, session: str) -> None:
    recording = ask(session).json["recording"]["id"]
    told = ask(f"/api/recordings/{recording}/modules").json
    assert set(told) == {"modules", "counts", "faults", "replacements"}
    assert told["replacements"] == []
    assert told["counts"]["recorded"] == len(told["modules"]) > 0
    assert set(told["modules"][0]) == {"name", "path", "status", "why", "gaps"}
    assert ask("/api/recordings/none/modules").status == 404


def test_a_print_tells_what_each_hit_of_a_line_was_worth(ask: Asker, session: str) -> None:
    file = ask(f"{session}/moment", n=1).json["event"]["file"]
    shown = ask(f"{session}/print", file=file, line=6, expressions="name, PRICES[name]").json
    assert shown["columns"] == ["name", "PRICES[name]"]
    assert shown["hits"] == shown["looked"] == 2
    assert [[cell["text"] for cell in row["cells"]] for row in shown["rows"]] == [
        ["'tea'", "4"],
        ["'cake'", "6"],
    ]
    assert [row["cells"][1]["number"] for row in shown["rows"]] == [4.0, 6.0]
    writes = ask(f"{session}/events", variable="amount", kind="variable").json["events"]
    lines = [event["n"] for event in writes if event["line"] == 6]
    assert [row["n"] for row in shown["rows"]] == lines
    assert ask(f"{session}/print", file=file, line=2).json["rows"] == []
    first = ask(f"{session}/print", file=file, line=6, limit=1).json
    assert (len(first["rows"]), first["next"]) == (1, lines[1])


def test_watches_are_answered_one_by_one(ask: Asker, session: str) -> None:
    n = ask(f"{session}/events", variable="amount", kind="variable").json["events"][1]["n"]
    shown = ask(f"{session}/watch", n=n, expressions="amount * 2\nlen(items)\nos.system('x')").json
    doubled, length, refused = shown["watches"]
    assert (doubled["text"], doubled["changed"], doubled["previous"]) == ("8", True, "0")
    assert (length["text"], length["changed"]) == ("2", False)
    assert "nothing is called" in refused["problem"]
    assert ask(f"{session}/watch", n=n).json == {"n": n, "watches": []}


@pytest.mark.parametrize(
    ("query", "status", "slug"),
    [
        ({"line": 6}, 404, "no-such-source"),
        ({"file": "FILE"}, 400, "bad-request"),
        ({"file": "FILE", "line": 6, "epxressions": "name"}, 400, "bad-request"),
        ({"file": "FILE", "line": 6, "expressions": "name("}, 400, "expression"),
        ({"file": "FILE", "line": 6, "where": "name,name"}, 400, "expression"),
    ],
)
def test_a_print_that_cannot_be_made_says_why(
    ask: Asker, session: str, query: dict[str, Any], status: int, slug: str
) -> None:
    file = ask(f"{session}/moment", n=1).json["event"]["file"]
    told = {name: file if value == "FILE" else value for name, value in query.items()}
    answer = ask(f"{session}/print", **told)
    assert (answer.status, answer.json["error"]["slug"]) == (status, slug)
