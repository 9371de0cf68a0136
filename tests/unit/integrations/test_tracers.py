"""Beside OpenTelemetry and Sentry a request is of their traces, and they tell of its session."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from opentelemetry import trace as opentelemetry
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware
from sentry_sdk.transport import Transport

import rewind
from rewind.integrations import tracers
from rewind.integrations.requests import Request
from rewind.integrations.traces import Trace
from tests import instrumented
from tests.outgoing import answering, listened
from tests.unit.capture.test_named_sessions import made, told
from tests.unit.integrations.test_http import by_urllib
from tests.unit.integrations.test_web_requests import environ, served, start_response

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01"

Application = Callable[..., Iterable[bytes]]


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


class Sent(Transport):
    """Keeps what Sentry would send."""

    events: list[dict[str, Any]]

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [item.payload.json for item in envelope.items if item.payload.json]

    def capture_event(self, event: Any) -> None:
        """Take an event in the way of versions before 2.5."""
        self.events.append(event)

    def traces(self) -> set[str]:
        return {event["contexts"]["trace"]["trace_id"] for event in self.events}

    def tags(self, name: str) -> set[str]:
        return {event["tags"][name] for event in self.events}


@pytest.fixture
def sent() -> Iterator[Sent]:
    """What Sentry sends; its tracing is on."""
    transport = Sent()
    transport.events = []
    options: dict[str, Any] = {
        "auto_session_tracking": False,
        "default_integrations": False,
        "dsn": "http://key@127.0.0.1:9/1",
        "traces_sample_rate": 1.0,
        "transport": transport,
    }
    # Scopes are of a context, and this is the test's.
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(**options)
        yield transport
        sentry_sdk.Scope.get_global_scope().set_client(None)


def application(_: object, start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [])
    sentry_sdk.capture_message("in a request")
    return [b""]


def sentry_outside(application: Application) -> Application:
    return SentryWsgiMiddleware(rewind.wsgi(application))


def sentry_inside(application: Application) -> Application:
    return rewind.wsgi(SentryWsgiMiddleware(application))


def asked(application: Application, path: str, **more: str) -> None:
    """Have the application answer a request, as a server does."""
    more |= {"SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    body = application(environ(path) | more, start_response)
    list(body)
    getattr(body, "close", list)()


@pytest.mark.parametrize("around", [sentry_outside, sentry_inside])
def test_a_request_is_part_of_the_trace_of_sentry_which_tells_of_it(
    tmp_path: Path, sent: Sent, around: Callable[[Application], Application]
) -> None:
    with made(tmp_path) as (running, _):
        for path in ("/1", "/2"):
            asked(around(application), path)
        sessions = told(running.read())
    first, second = sessions["GET /1"], sessions["GET /2"]
    # Of each the message, and the transaction.
    assert len(sent.events) == 4
    assert len(sent.traces()) == 2
    assert {one["tags"]["trace_id"] for one in (first, second)} == sent.traces()
    assert len(first["tags"]["parent_span"]) == 16
    assert sent.tags(tracers.SESSION) == {first["id"], second["id"]}
    shown = {f"http://127.0.0.1:8765/sessions/{one['id']}" for one in (first, second)}
    assert sent.tags(tracers.ADDRESS) == shown


def test_a_request_of_asgi_is_so_too(tmp_path: Path, sent: Sent) -> None:
    async def answer(_: object, __: object, send: Callable[..., Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sentry_sdk.capture_message("in a request")
        await send({"type": "http.response.body", "body": b""})

    with made(tmp_path) as (running, _):
        for around in (
            lambda: SentryAsgiMiddleware(rewind.asgi(answer)),
            lambda: rewind.asgi(SentryAsgiMiddleware(answer)),
        ):
            assert served(around(), "/1") == [None]
        requests = [one for one in running.read().sessions if one["kind"] == "request"]
    assert sent.tags(tracers.SESSION) == {one["id"] for one in requests}
    assert len(sent.traces()) == len(requests) == 2


def test_sentry_decides_which_requests_are_sampled(tmp_path: Path, sent: Sent) -> None:
    """As its trace goes to all services, so does the decision."""
    with made(tmp_path, sampling_rate=0.5) as (running, _):
        for number in range(60):
            asked(sentry_outside(application), f"/{number}")
        recorded = [one["tags"]["trace_id"] for one in requests_of(told(running.read()))]
    traces = sent.traces()
    assert set(recorded) == {one for one in traces if Trace(one, None, 1).sampled(0.5)}
    assert (len(traces), 10 < len(recorded) < 50) == (60, True)


def requests_of(sessions: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in sessions.values() if one["kind"] == "request"]


@pytest.mark.parametrize("around", [sentry_outside, sentry_inside])
def test_a_request_to_others_is_of_that_trace(
    tmp_path: Path, sent: Sent, around: Callable[[Application], Application]
) -> None:
    with answering() as (address, came), listened(tmp_path) as (running, calls, _):

        def asking(where: object, start: Callable[..., object]) -> Iterable[bytes]:
            calls(by_urllib, f"{address}/200", {})
            return application(where, start)

        asked(around(asking), "/1")
        asked(around(asking), "/2", HTTP_TRACEPARENT=HEADER)
        sessions = requests_of(told(running.read()))
    (trace,) = sent.traces() & {one["tags"]["trace_id"] for one in sessions}
    ids = [one["id"] for one in sessions]
    # What who asks has said comes first: it is the session that has asked.
    assert [one["tags"]["trace_id"] for one in sessions] == [trace, TRACE]
    assert [headers["traceparent"] for headers in came] == [
        f"00-{trace}-{ids[0][-16:]}-01",
        f"00-{TRACE}-{ids[1][-16:]}-01",
    ]
    assert sent.tags(tracers.SESSION) == set(ids)


def test_outside_of_a_transaction_requests_are_no_trace_of_sentrys(
    tmp_path: Path, sent: Sent
) -> None:
    """It has one for all that happens there."""
    with made(tmp_path) as (running, _):
        for path in ("/1", "/2"):
            asked(rewind.wsgi(application), path)
        sessions = requests_of(told(running.read()))
    assert len({one["tags"]["trace_id"] for one in sessions}) == 2
    assert [event.get("tags") or {} for event in sent.events] == [{}, {}]


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    return TracerProvider()


@pytest.fixture
def spans(provider: TracerProvider) -> InMemorySpanExporter:
    """What OpenTelemetry exports."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.mark.parametrize("outside", [True, False])
def test_a_span_of_opentelemetrys_is_part_of_the_trace_and_tells_of_the_session(
    tmp_path: Path, provider: TracerProvider, spans: InMemorySpanExporter, outside: bool
) -> None:
    tracer = provider.get_tracer("test")

    def traced(application: Application) -> Application:
        def answer(where: object, start: Callable[..., object]) -> Iterable[bytes]:
            with tracer.start_as_current_span("a request"):
                return application(where, start)

        return answer

    def plain(_: object, start: Callable[..., object]) -> Iterable[bytes]:
        start("200 OK", [])
        return [b""]

    made_of = traced(rewind.wsgi(plain)) if outside else rewind.wsgi(traced(plain))
    with made(tmp_path) as (running, _):
        asked(made_of, "/1")
        session = told(running.read())["GET /1"]
    (span,) = spans.get_finished_spans()
    context, attributes = span.get_span_context(), span.attributes
    assert context is not None
    assert attributes is not None
    assert session["tags"]["trace_id"] == f"{context.trace_id:032x}"
    assert session["tags"]["parent_span"] == f"{context.span_id:016x}"
    assert attributes[tracers.SESSION] == session["id"]
    assert attributes[tracers.ADDRESS] == f"{tracers.DASHBOARD}/sessions/{session['id']}"


def test_a_span_that_records_nothing_is_part_of_the_trace(tmp_path: Path) -> None:
    context = opentelemetry.SpanContext(int(TRACE, 16), int(SPAN, 16), is_remote=False)
    with opentelemetry.use_span(opentelemetry.NonRecordingSpan(context)), made(tmp_path):
        request = Request("GET", "/")
        assert tracers.active() == Trace(TRACE, SPAN, 0)
        assert str(request.onward).startswith(f"00-{TRACE}-")
        assert str(request.onward).endswith("-00")
        request.end()
        other = Request("GET", "/", f"00-{SPAN * 2}-{SPAN}-01")
        assert str(other.onward).startswith(f"00-{SPAN * 2}-")
        other.end()


def test_a_tracer_that_is_made_in_another_way_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentry_sdk.scope, "Scope", object)
    monkeypatch.setattr(opentelemetry, "get_current_span", None)
    assert tracers.active() is None
    tracers.tell("0" * 32)


def test_the_dashboard_is_where_the_program_says_it_is(
    tmp_path: Path, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracers, "_dashboard", tracers.DASHBOARD)
    tracers.at_dashboard("https://rewind.example")
    with made(tmp_path):
        asked(sentry_outside(application), "/1")
    (address,) = sent.tags(tracers.ADDRESS)
    assert address.startswith("https://rewind.example/sessions/")
