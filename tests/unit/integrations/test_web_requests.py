"""Requests to web applications as sessions: where they begin and end, and what is handed on."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import rewind
from rewind.integrations import flask as flask_integration
from rewind.integrations import starlette as starlette_integration
from tests import instrumented
from tests.spool_reading import Spool
from tests.unit.capture.test_named_sessions import made, told, works


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


def environ(path: str = "/orders/7") -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path}


def start_response(*_: object) -> Callable[[bytes], object]:
    return lambda _: None


class Steps:
    """A body that works with each step, and when it is closed."""

    def __init__(self, work: Callable[[int], object], first: int) -> None:
        self._work = work
        self._left = iter(range(first, first + 3))
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        number = next(self._left)
        self._work(number)
        return str(number).encode()

    def close(self) -> None:
        self.closed += 1
        self._work(-1)


def test_what_is_at_hand_is_handed_on_as_it_is(tmp_path: Path) -> None:
    body = [b"one", b"two"]

    class FileWrapper:
        def __iter__(self) -> Iterator[bytes]:
            return iter(())

    file = FileWrapper()

    def application(_: object, start: Callable[..., object]) -> Any:
        names["work"](1)
        start("404 Not Found", [("X-A", "b")])
        return answers.pop()

    answers: list[Iterable[bytes]] = [body, file]
    with made(tmp_path) as (running, names):
        answer = rewind.wsgi(application)
        where = environ() | {"wsgi.file_wrapper": FileWrapper}
        assert answer(dict(where), start_response) is file
        assert answer(dict(where), start_response) is body
        spool = running.read()
    session = told(spool)["GET /orders/7"]
    assert len(session["tags"].pop("trace_id")) == 32
    assert session["tags"] == {"method": "GET", "path": "/orders/7", "status": 404}
    assert (session["kind"], works(session), session["status"]) == ("request", [1], "completed")


def test_streaming_responses_take_turns_and_end_when_they_are_closed(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        bodies = {first: Steps(names["work"], first) for first in (10, 20)}

        def application(where: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
            start("200 OK", [])
            return bodies[int(where["PATH_INFO"][1:])]

        answer = rewind.wsgi(application)
        one, two = (answer(environ(f"/{first}"), start_response) for first in (10, 20))
        steps = list(zip(one, two, strict=True))
        names["work"](99)
        one.close()  # type: ignore[attr-defined]
        two.close()  # type: ignore[attr-defined]
        spool = running.read()
    assert steps == [(b"10", b"20"), (b"11", b"21"), (b"12", b"22")]
    assert [body.closed for body in bodies.values()] == [1, 1]
    sessions = told(spool)
    assert works(sessions["GET /10"]) == [10, 11, 12, -1]
    assert works(sessions["GET /20"]) == [20, 21, 22, -1]
    assert works(sessions["subject.work"]) == [99]


def test_a_body_keeps_the_length_that_it_has(tmp_path: Path) -> None:
    class Sized(Steps):
        def __len__(self) -> int:
            return 3

    with made(tmp_path) as (_, names):
        answer = rewind.wsgi(lambda _, start: start("200 OK", []) and Sized(names["work"], 1))
        assert len(answer(environ(), start_response)) == 3  # type: ignore[arg-type]
        answer = rewind.wsgi(lambda _, start: start("200 OK", []) and Steps(names["work"], 1))
        assert not hasattr(answer(environ(), start_response), "__len__")


@pytest.mark.parametrize("where", ["call", "step", "close"])
def test_an_exception_is_the_sessions_and_the_servers(tmp_path: Path, where: str) -> None:
    class Failing(Steps):
        def __next__(self) -> bytes:
            if where == "step":
                raise KeyError(where)
            raise StopIteration

        def close(self) -> None:
            if where == "close":
                raise KeyError(where)

    def application(_: object, start: Callable[..., object]) -> Iterable[bytes]:
        if where == "call":
            raise KeyError(where)
        start("200 OK", [])
        return Failing(names["work"], 1)

    with made(tmp_path) as (running, names):

        def serve() -> None:
            with closing(
                cast("Steps", rewind.wsgi(application)(environ(), start_response))
            ) as body:
                list(body)

        with pytest.raises(KeyError):
            serve()
        spool = running.read()
    assert told(spool)["GET /orders/7"]["status"] == "error"


def test_a_server_that_closes_nothing_leaves_nothing_open(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        answer = rewind.wsgi(lambda _, start: start("200 OK", []) and Steps(names["work"], 1))
        assert len(list(answer(environ(), start_response))) == 3
        spool = running.read()
    assert told(spool)["GET /orders/7"]["status"] == "completed"


def test_one_request_is_one_session_whatever_it_passes(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):

        def application(_: object, start: Callable[..., object]) -> Iterable[bytes]:
            names["work"](1)
            start("200 OK", [])
            return [b""]

        rewind.wsgi(rewind.wsgi(application))(environ(), start_response)
        spool = running.read()
    assert [one["kind"] for one in spool.sessions] == ["import", "request"]


def test_without_a_recording_the_application_is_called_and_no_more() -> None:
    seen: list[dict[str, Any]] = []

    def application(where: dict[str, Any], start: object) -> Iterable[bytes]:
        seen.append(where)
        assert start is start_response
        return steps

    steps = Steps(lambda _: None, 1)
    where = environ()
    assert rewind.wsgi(application)(where, start_response) is steps
    assert list(where) == list(environ())


def served(application: Callable[..., Any], *paths: str, kind: str = "http") -> list[Any]:
    """Have an ASGI application answer requests, all at once; return what it raised."""

    async def send(_: object) -> None:
        await asyncio.sleep(0)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def main() -> list[Any]:
        scopes = [{"type": kind, "method": "GET", "path": path, "headers": []} for path in paths]
        answers = (application(scope, receive, send) for scope in scopes)
        return await asyncio.gather(*answers, return_exceptions=True)

    return asyncio.run(main())


def test_asgi_requests_are_told_apart(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):

        async def application(scope: dict[str, Any], _: object, send: Callable[..., Any]) -> None:
            number = int(scope["path"][1:])
            await send({"type": "http.response.start", "status": 201, "headers": []})
            for _ in range(3):
                names["work"](number)
                await send({"type": "http.response.body", "body": b"", "more_body": True})
            if number == 3:
                raise KeyError(number)

        raised = served(rewind.asgi(rewind.asgi(application)), "/1", "/2", "/3")
        spool = running.read()
    assert [type(one) for one in raised] == [type(None), type(None), KeyError]
    sessions = told(spool)
    assert {works(sessions[f"GET /{n}"])[-1] for n in (1, 2, 3)} == {1, 2, 3}
    assert all(len(works(sessions[f"GET /{n}"])) == 3 for n in (1, 2, 3))
    assert [sessions[f"GET /{n}"]["status"] for n in (1, 3)] == ["completed", "error"]
    assert len(sessions["GET /1"]["tags"].pop("trace_id")) == 32
    assert sessions["GET /1"]["tags"] == {"method": "GET", "path": "/1", "status": 201}
    assert len(spool.sessions) == 4


def test_what_is_no_request_is_no_session(tmp_path: Path) -> None:
    with made(tmp_path) as (running, _):

        async def application(*_: object) -> None: ...

        served(rewind.asgi(application), "/", kind="lifespan")
        assert [one["kind"] for one in running.read().sessions] == ["import"]


def test_flask_tells_the_rule_and_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flask

    for name in ("__call__", "handle_exception"):
        monkeypatch.setattr(flask.Flask, name, getattr(flask.Flask, name))
    flask_integration.meet(flask.app)
    application = flask.Flask("shop")
    with made(tmp_path) as (running, names):

        @application.get("/orders/<int:number>")
        def order(number: int) -> str:
            names["work"](number)
            return str(1 // number)

        client = application.test_client()
        for path, status in (("/orders/1?q=x", 200), ("/orders/0", 500), ("/nothing", 404)):
            with client.get(path) as answer:
                assert answer.status_code == status
        spool = running.read()
    check_flask(spool)


def check_flask(spool: Spool) -> None:
    found = [one for one in spool.sessions if one["kind"] == "request"]
    assert [one["trigger"] for one in found] == ["GET /orders/1", "GET /orders/0", "GET /nothing"]
    sessions = told(spool)
    route = sessions["GET /orders/<int:number>"]
    assert route["status"] == "error"
    assert route["tags"]["route"] == "/orders/<int:number>"
    assert sessions["GET /nothing"]["tags"]["status"] == 404
    assert "route" not in sessions["GET /nothing"]["tags"]


def test_other_modules_of_that_name_are_left_alone() -> None:
    flask_integration.meet(SimpleNamespace(__name__="flask.app", Flask=SimpleNamespace))
    flask_integration.meet(SimpleNamespace(__name__="flask.app"))
    starlette_integration.meet_applications(SimpleNamespace())
    starlette_integration.meet_routing(SimpleNamespace())
    assert not hasattr(SimpleNamespace, "handle_exception")
