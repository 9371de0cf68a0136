"""Requests to other services are told of once, and tell of their trace."""

import asyncio
import http.client
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import aiohttp
import httpx
import pytest
import requests

from rewind.config.redaction import WITHHELD
from rewind.integrations.requests import Request
from tests import instrumented
from tests.outgoing import answering, listened, told

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"

Get = Callable[[str, dict[str, str]], Any]


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


def by_http_client(url: str, headers: dict[str, str]) -> None:
    place, path = url.removeprefix("http://").split("/", 1)
    with closing(http.client.HTTPConnection(place)) as connection:
        connection.request("GET", f"/{path}", headers=headers)
        connection.getresponse().read()


def by_urllib(url: str, headers: dict[str, str]) -> None:
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read()
    except HTTPError:
        return


def by_requests(url: str, headers: dict[str, str]) -> None:
    requests.get(url, headers=headers, timeout=10)


def by_httpx(url: str, headers: dict[str, str]) -> None:
    httpx.get(url, headers=headers)


def by_httpx_in_a_task(url: str, headers: dict[str, str]) -> None:
    async def main() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(url, headers=headers)

    asyncio.run(main())


def by_aiohttp(url: str, headers: dict[str, str]) -> None:
    async def main() -> None:
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            await answer.read()

    asyncio.run(main())


CLIENTS = (by_http_client, by_urllib, by_requests, by_httpx, by_httpx_in_a_task, by_aiohttp)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[dict[str, str]]]]:
    with answering() as found:
        yield found


def http_event(url: str, **more: Any) -> dict[str, Any]:
    asked = {"status": 200, "duration_ns": True, "error": None, "method": "GET", "url": url}
    return asked | more


@pytest.mark.parametrize("get", CLIENTS)
def test_a_request_is_one_event(tmp_path: Path, server: tuple[str, Any], get: Get) -> None:
    address, came = server
    came.clear()
    with listened(tmp_path) as (running, calls, _):
        calls(get, f"{address}/200?q=1", {})
        calls(get, f"{address}/404", {})
        get(f"{address}/200", {})
        spool = running.read()
    assert told(spool, "http") == [
        http_event(f"{address}/200?q=1"),
        http_event(f"{address}/404", status=404),
    ]
    assert {event.payload[1] for event in spool.of("http")} == {3}
    # No request to this service has led to them.
    assert not [headers for headers in came if "traceparent" in headers]


@pytest.mark.parametrize("get", CLIENTS)
def test_what_is_secret_in_a_url_is_withheld(
    tmp_path: Path, server: tuple[str, Any], get: Get
) -> None:
    place = server[0].removeprefix("http://")
    url = f"http://{place}/200?user=me&access_token=abc123&q="
    with listened(tmp_path) as (running, calls, _):
        calls(lambda: get(url, {}))
        if get in (by_requests, by_httpx, by_aiohttp):
            calls(lambda: get(url.replace("//", "//me:hunter2@"), {}))
        spool = running.read()
    shown = [one["url"] for one in told(spool, "http")]
    assert shown[0] == f"http://{place}/200?user=me&access_token={WITHHELD}&q="
    written = b"".join(p.read_bytes() for p in (tmp_path / "spool").iterdir() if p.is_file())
    assert b"abc123" not in written
    assert b"hunter2" not in written


@pytest.mark.parametrize("get", CLIENTS)
def test_a_request_that_fails_is_one_event_and_fails_as_it_does(tmp_path: Path, get: Get) -> None:
    url = "http://127.0.0.1:9/x"
    with pytest.raises(Exception) as plain:  # noqa: PT011 - each client has its own
        get(url, {})
    with listened(tmp_path) as (running, calls, _):
        with pytest.raises(type(plain.value)) as failed:
            calls(get, url, {})
        (event,) = told(running.read(), "http")
    files = {Path(entry.path).name for entry in failed.traceback}
    assert not files & {"beside.py", "http.py", "http_client.py", "aiohttp_client.py"}
    assert (event["status"], event["method"], event["url"]) == (None, "GET", url)
    assert "Error" in event["error"]


def test_each_request_of_a_redirection_is_told(tmp_path: Path, server: tuple[str, Any]) -> None:
    url = f"{server[0]}/302"
    followed = [http_event(url, status=302), http_event(f"{server[0]}/200")]
    with listened(tmp_path) as (running, calls, _):
        calls(requests.get, url, timeout=10)
        calls(httpx.get, url, follow_redirects=True)
        calls(by_aiohttp, url, {})
        # aiohttp's client follows by itself.
        assert told(running.read(), "http") == [*followed, *followed, http_event(url)]


def in_a_request(work: Callable[[], object], traceparent: str | None = TRACEPARENT) -> str | None:
    """Do something in a request to this service; returns what its own requests are to say."""
    request = Request("GET", "/", traceparent)
    try:
        work()
        return request.onward
    finally:
        request.end()


@pytest.mark.parametrize("get", CLIENTS)
def test_a_request_within_one_tells_of_its_trace_unless_it_does_itself(
    tmp_path: Path, server: tuple[str, Any], get: Get
) -> None:
    address, came = server
    came.clear()
    with listened(tmp_path) as (running, calls, _):
        onward = in_a_request(lambda: calls(get, f"{address}/200", {}))
        in_a_request(lambda: calls(get, f"{address}/200", {"Traceparent": TRACEPARENT}))
        spool = running.read()
    session = next(one["id"] for one in spool.sessions if one["kind"] == "request")
    assert onward == f"00-{TRACE}-{session[-16:]}-01"
    assert [headers.get("traceparent") for headers in came] == [onward, TRACEPARENT]


def test_a_request_without_a_trace_begins_one(tmp_path: Path, server: tuple[str, Any]) -> None:
    address, came = server
    came.clear()
    with listened(tmp_path) as (_, calls, __):
        onward = in_a_request(lambda: calls(by_urllib, f"{address}/200", {}), "nonsense")
    assert [headers.get("traceparent") for headers in came] == [onward]
    assert onward is not None
    assert TRACE not in onward


@pytest.mark.parametrize("settings", [{"propagate": False}, {"sampling_rate": 0.0}], ids=str)
def test_nothing_is_passed_on_where_it_is_not_to_be(
    tmp_path: Path, server: tuple[str, Any], settings: dict[str, Any]
) -> None:
    address, came = server
    came.clear()
    with listened(tmp_path, **settings) as (_, calls, __):
        for get in CLIENTS:
            in_a_request(lambda get=get: calls(get, f"{address}/200", {}))  # type: ignore[misc]
    assert len(came) == len(CLIENTS)
    assert not [headers for headers in came if "traceparent" in headers]


def test_a_trace_is_passed_on_where_requests_are_not_told(
    tmp_path: Path, server: tuple[str, Any]
) -> None:
    address, came = server
    came.clear()
    with listened(tmp_path, outgoing=("sql",)) as (running, calls, _):
        for get in CLIENTS:
            in_a_request(lambda get=get: calls(get, f"{address}/200", {}))  # type: ignore[misc]
        assert told(running.read(), "http") == []
    assert all("traceparent" in headers for headers in came)


def test_threads_of_asyncio_pass_it_on(tmp_path: Path, server: tuple[str, Any]) -> None:
    address, came = server
    came.clear()

    async def main() -> None:
        await asyncio.to_thread(calls, by_urllib, f"{address}/200", {})

    def run() -> None:
        asyncio.run(main())

    with listened(tmp_path) as (_, calls, __):
        onward = in_a_request(run)
    assert [headers.get("traceparent") for headers in came] == [onward]


def test_a_connection_that_is_given_up_is_forgotten(tmp_path: Path) -> None:
    with listened(tmp_path) as (running, calls, _):
        for _ in range(3):
            connection = http.client.HTTPConnection("127.0.0.1", 9)
            calls(connection.putrequest, "GET", "/")
            del connection
        with pytest.raises(URLError):
            calls(urllib.request.urlopen, "http://127.0.0.1:9/")
        assert len(told(running.read(), "http")) == 1
