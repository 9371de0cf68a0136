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
        ({"after": "2020-01-01T00:00:00Z"}, 3),
        ({"before": "2020-01-01T00:00:00Z"}, 0),
        ({"before": "9999-01-01"}, 3),
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


def test_writing_is_refused(ask: Asker) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask.send(method, "/api/sessions", {}).status == 405
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
    assert set(told) == {"modules", "counts", "faults"}
    assert told["counts"]["recorded"] == len(told["modules"]) > 0
    assert set(told["modules"][0]) == {"name", "path", "status", "why", "gaps"}
    assert ask("/api/recordings/none/modules").status == 404
