"""Which trace a request is part of, and which of them are recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import trace as opentelemetry

from rewind.integrations.requests import Request, onward
from rewind.integrations.traces import Trace, trace_of
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
def test_what_is_no_such_header_begins_a_trace(header: object) -> None:
    found = trace_of(header)
    assert (len(found.trace_id), found.parent_span, found.flags) == (32, None, 1)
    assert found.trace_id not in (TRACE, trace_of(header).trace_id)


@pytest.fixture
def span() -> Iterator[None]:
    """A span of OpenTelemetry's is active."""
    context = opentelemetry.SpanContext(int(TRACE, 16), int(SPAN, 16), is_remote=False)
    with opentelemetry.use_span(opentelemetry.NonRecordingSpan(context)):
        yield


@pytest.mark.usefixtures("span")
def test_an_active_span_is_part_of_the_trace() -> None:
    assert trace_of(None) == Trace(TRACE, SPAN, 0)
    assert trace_of(f"00-{SPAN * 2}-{SPAN}-01").trace_id == SPAN * 2


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


def test_a_request_that_is_set_aside_passes_nothing_on(tmp_path: Path) -> None:
    with made(tmp_path):
        request = Request("GET", "/", None)
        request.set_aside()
        assert onward() is None
        request.take_up()
        assert onward() == request.onward
        request.end()
        request.take_up()
        assert onward() is None


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
