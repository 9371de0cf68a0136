"""Real servers under a bounded load: each request is one session with its own events."""

import shutil
import signal
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.store.rows import Session
from tests.integration.services import working
from tests.integration.terminal import ROOT
from tests.integration.test_processes import await_writer

SERVICES = ROOT / "tests" / "services"
REQUESTS = 300
AT_ONCE = 10
RECORDED = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "bills"}

Answer = tuple[int, str | None, bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in SERVICES.glob("*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def served(folder: Path, *command: str, **environ: str) -> Iterator[str]:
    """Run a server, `PORT` in its command standing for a free one; gives its address."""
    port = free_port()
    words = [word.replace("PORT", str(port)) for word in command]
    log = folder / "server.log"
    with working(log, *words, is_ready=lambda: answers_on(port), **environ) as server:
        yield f"http://127.0.0.1:{port}"
    assert server.returncode in (0, -signal.SIGTERM), log.read_text()


def answers_on(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def ask(address: str) -> Answer:
    try:
        with urlopen(address) as answer:
            return answer.status, answer.headers.get("Content-Length"), answer.read()
    except HTTPError as error:
        return error.code, error.headers.get("Content-Length"), error.read()


def loaded(address: str, paths: Sequence[str]) -> list[Answer]:
    """Ask for all of the paths, some at once; return the answers in their order."""
    with ThreadPoolExecutor(AT_ONCE) as clients:
        return list(clients.map(lambda path: ask(address + path), paths))


class Told:
    """What was recorded of a service that has ended."""

    def __init__(self, folder: Path) -> None:
        await_writer(folder)
        self._archive = Archive.open(f"sqlite:///{folder}/.rewind/rewind.db")
        self.sessions = self._archive.sessions()
        self.requests = [one for one in self.sessions if one.kind == "request"]
        self._family = defaultdict(list)
        for one in self.sessions:
            self._family[one.parent_id].append(one.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def lines(self, session: str) -> list[object]:
        """Return with which numbers `bills.line` was called in a session and those within."""
        query = EventQuery(kinds=frozenset(("call",)), function="line")
        found = [
            dict(event.arguments)["number"]
            for event in self._archive.session(session).events(query)
        ]
        return found + [number for each in self._family[session] for number in self.lines(each)]


GUNICORN = ("gunicorn", "--bind=127.0.0.1:PORT", "--workers=2", "--worker-class=gthread")
UVICORN = ("uvicorn", "--port=PORT", "--log-level=warning")
SERVERS = {
    "flask": (*GUNICORN, "--threads=4", "wsgi_app:app"),
    "wsgi": (*GUNICORN, "--threads=4", "wsgi_app:plain"),
    "fastapi": (*UVICORN, "asgi_app:app"),
    "asgi": (*UVICORN, "asgi_app:plain"),
    "bare wsgi": (*GUNICORN, "--threads=4", "wsgi_app:by_hand"),
    "gevent": ("gunicorn", "--bind=127.0.0.1:PORT", "--worker-class=gevent", "wsgi_app:by_hand"),
    "preload": ("gunicorn", "--bind=127.0.0.1:PORT", "--workers=2", "--preload", "wsgi_app:app"),
    "bare asgi": (*UVICORN, "--workers=2", "asgi_app:by_hand"),
    "bridged": (*UVICORN, "--interface=wsgi", "wsgi_app:by_hand"),
    "django": (*GUNICORN, "--threads=4", "django_app:app"),
    "runserver": ("django_app", "runserver", "--noreload", "PORT"),
    "django asgi": (*UVICORN, "django_app:app"),
    "aiohttp": ("aiohttp_app", "PORT"),
}
ENVIRONMENTS = {"django asgi": {"ASGI": "1"}, "runserver": {"DEBUG": "1"}}
KINDS = {
    "flask": ("bills", "parts", "fails"),
    "wsgi": ("bills", "parts"),
    "fastapi": ("bills", "parts", "threads", "within/deep", "fails"),
    "asgi": ("bills",),
    "bare wsgi": ("bills", "parts"),
    "gevent": ("bills", "parts"),
    "preload": ("bills", "parts", "fails"),
    "bare asgi": ("bills",),
    "bridged": ("bills", "parts"),
    "django": ("bills", "parts", "fails", "slow/bills"),
    "runserver": ("bills", "parts", "slow/bills"),
    "django asgi": ("bills", "parts", "fails", "slow/bills", "slowparts"),
    "aiohttp": ("bills", "parts", "fails", "within"),
}
ROUTES = {
    "flask": "/{}/<int:number>",
    "preload": "/{}/<int:number>",
    "fastapi": "/{}/{{number}}",
    "django": "/{}/<int:number>",
    "runserver": "/{}/<int:number>",
    "django asgi": "/{}/<int:number>",
    "aiohttp": "/{}/{{number}}",
}

DJANGO = {
    "bills": "django_app.one",
    "parts": "django_app.parts",
    "fails": "django_app.fails",
    "slow/bills": "django_app.slowly",
    "slowparts": "django_app.slow_parts",
}
VIEWS = {
    "django": DJANGO,
    "django asgi": DJANGO,
    "runserver": {kind: view.replace("django_app", "__main__") for kind, view in DJANGO.items()},
}


@pytest.mark.parametrize("name", SERVERS)
def test_each_request_is_one_session_with_its_own_events(folder: Path, name: str) -> None:
    kinds = KINDS[name]
    paths = [f"/{kinds[n % len(kinds)]}/{n}" for n in range(1, REQUESTS + 1)]
    environ = ENVIRONMENTS.get(name, {})
    with served(folder, *SERVERS[name], **environ) as address:
        plain = loaded(address, paths)
    with served(folder, *SERVERS[name], **RECORDED, **environ) as address:
        assert loaded(address, paths) == plain
    with Told(folder) as told:
        assert {one.status for one in told.sessions} <= {"completed", "error"}
        assert Counter(one.tags["path"] for one in told.requests) == Counter(paths)
        for one in told.requests:
            check(name, one, told.lines(one.id))


def check(name: str, one: Session, lines: list[object]) -> None:
    kind, number = str(one.tags["path"])[1:].rsplit("/", 1)
    route = ROUTES[name].format(kind) if name in ROUTES else f"/{kind}/{number}"
    fails = kind == "fails"
    assert (one.trigger, one.tags["method"], one.parent_id) == (f"GET {route}", "GET", None)
    assert one.tags.get("route") == (route if name in ROUTES else None)
    assert one.tags["status"] == (500 if fails else 200)
    assert one.status == ("error" if fails else "completed")
    assert one.error_type == ("builtins.ZeroDivisionError" if fails else None)
    assert one.tags.get("view") == VIEWS.get(name, {}).get(kind)
    assert lines == [int(number)] * (1 if fails else 3)


@pytest.mark.parametrize("name", ["fastapi", "aiohttp"])
def test_a_websocket_is_a_session_until_it_is_closed(folder: Path, name: str) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    with (
        served(folder, *SERVERS[name], **RECORDED) as address,
        connect(f"{address.replace('http', 'ws')}/socket/7") as client,
    ):
        for word in ("one", "two"):
            client.send(word)
            assert client.recv() == "213"
        client.send("end")
        with pytest.raises(ConnectionClosed):
            client.recv()
    with Told(folder) as told:
        (request,) = told.requests
        assert (request.trigger, request.status) == ("WEBSOCKET /socket/{number}", "completed")
        assert told.lines(request.id) == [7] * 6


@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_sessions_that_prove_dull_are_discarded(folder: Path, name: str) -> None:
    kinds = KINDS[name]
    paths = [f"/{kinds[n % len(kinds)]}/{n}" for n in range(1, 61)]
    with served(folder, *SERVERS[name], **RECORDED, REWIND_KEEP="errors") as address:
        loaded(address, paths)
    with Told(folder) as told:
        failing = {path for path in paths if path.startswith("/fails/")}
        assert {one.tags["path"] for one in told.requests} == failing
        kept = {one.id for one in told.requests}
        assert {one.parent_id for one in told.sessions} - kept == {None}
        assert all(told.lines(one) != [] for one in kept)
