"""Which trace a request is part of, and which of them are recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rewind import sessions
from rewind.integrations.jobs import Job
from rewind.integrations.requests import Request, onward
from rewind.integrations.traces import Trace, new_trace, trace_of
from tests import instrumented
from tests.unit.capture.test_named_sessions import made, told

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", 1),
        (f"  00-{TRACE}-{SPAN}-00 ", 0),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", 1),
    ],
)
def test_a_header_tells_of_the_trace(header: str, flags: int) -> None:
    assert trace_of(header) == Trace(TRACE, SPAN, flags)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        b"00",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01\nx",
    ],
)
def test_what_is_no_such_header_tells_of_none(header: object) -> None:
    assert trace_of(header) is None


def test_a_new_trace_is_no_other() -> None:
    found = new_trace()
    assert (len(found.trace_id), found.parent_span, found.flags) == (32, None, 1)
    assert found.trace_id != new_trace().trace_id
    assert trace_of(found.onward("0" * 16 + SPAN)) == Trace(found.trace_id, SPAN, 1)


def test_what_a_request_asks_others_to_do_is_part_of_its_trace(tmp_path: Path) -> None:
    """By its origin alone, as it travels to other threads, processes and hosts."""
    with made(tmp_path) as (running, names):
        request = Request("GET", "/a", f"00-{TRACE}-{SPAN}-01")
        origin = sessions.origin()
        request.end()
        assert sessions.trace() is None
        begun = sessions.begin("thread", "a call", {}, origin)
        assert onward() == request.onward
        sessions.end(begun, None)
        job = Job("a", {}, origin)
        names["work"](1)
        told_by_job = onward()
        job.end()
        other = Job("b", {}, None)
        assert onward() is None
        other.end()
        found = told(running.read())
    job_id = found["task a"]["id"]
    assert told_by_job == f"00-{TRACE}-{job_id[-16:]}-01"
    assert found["task a"]["tags"]["trace_id"] == TRACE
    assert "trace_id" not in found["task b"]["tags"]


def test_a_request_has_its_trace_as_tags(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        request = Request("GET", "/a", f"00-{TRACE}-{SPAN}-01")
        names["work"](1)
        assert onward() == request.onward
        request.end()
        assert onward() is None
        Request("GET", "/b").end()
        sessions = told(running.read())
    tags = sessions["GET /a"]["tags"]
    assert (tags["trace_id"], tags["parent_span"]) == (TRACE, SPAN)
    assert request.onward == f"00-{TRACE}-{sessions['GET /a']['id'][-16:]}-01"
    assert len(sessions["GET /b"]["tags"]["trace_id"]) == 32
    assert "parent_span" not in sessions["GET /b"]["tags"]


def test_the_parts_of_an_answer_pass_the_trace_on_and_what_is_between_them_does_not(
    tmp_path: Path,
) -> None:
    asked: list[str | None] = []

    def body() -> Iterator[bytes]:
        for part in (b"a", b"b"):
            asked.append(onward())
            yield part

    with made(tmp_path):
        request = Request("GET", "/", None)
        parts = request.follow(body())
        between = [onward(), *(onward() for _ in parts)]
        request.take_up()
        closing = onward()
        request.end()
        request.take_up()
        after = onward()
    assert asked == [request.onward] * 2
    assert (between, closing, after) == ([None] * 3, request.onward, None)


def test_every_service_records_the_same_share_of_traces(tmp_path: Path) -> None:
    traces = [f"{n * 2654435761 % 2**32:08x}" * 4 for n in range(1, 401)]
    with made(tmp_path, sampling_rate=0.25) as (running, names):
        kept = []
        for trace in traces:
            request = Request("GET", f"/{trace}", f"00-{trace}-{SPAN}-01")
            names["work"](1)
            if request.onward is not None:
                kept.append(trace)
            request.end()
        sessions = told(running.read())
    assert kept == [one for one in traces if Trace(one, None, 1).sampled(0.25)]
    assert {name for name in sessions if name.startswith("GET")} == {f"GET /{one}" for one in kept}
    assert 60 < len(kept) < 140
