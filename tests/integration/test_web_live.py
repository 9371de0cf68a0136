"""News reaches a page by itself, over real Socket.IO connections, while a writer writes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest
import socketio

from rewind.store import open_store, read_session
from rewind.writer import WriterSettings, run
from tests.databases import fresh_database, postgres, postgres_server
from tests.integration.dashboard import Asker, dashboard, database_in
from tests.line import line_to
from tests.shop import Shop, shop
from tests.spooled import Spooled
from tests.written import opened

__all__ = ["postgres", "postgres_server"]

PATIENCE_S = 20
TRANSPORTS = pytest.mark.parametrize("transports", [["websocket"], ["polling", "websocket"]])


class Page:
    """A browser's side: connected, and collecting what it is told."""

    def __init__(self, ask: Asker, transports: list[str], **headers: str) -> None:
        self.told: Queue[tuple[str, Any]] = Queue()
        self._client = socketio.Client(reconnection=False)
        for name in ("sessions", "session"):
            self._client.on(name, self._hearer(name))
        self._client.connect(ask.url, headers=headers, transports=transports)

    def _hearer(self, name: str) -> Callable[[Any], None]:
        return lambda news: self.told.put((name, news))

    def watch(self, wish: object) -> None:
        self._client.emit("watch", wish)

    def hear(self, name: str, wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait for news of that name that are wanted."""
        end = time.monotonic() + PATIENCE_S
        while (left := end - time.monotonic()) > 0:
            try:
                heard, news = self.told.get(timeout=left)
            except Empty:
                break
            if heard == name and wanted(news):
                return news
        pytest.fail(f"nothing was heard of {name}")

    def close(self) -> None:
        self._client.disconnect()


class Recording:
    """A program that runs while the dashboard shows it; the real writer drains it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.spooled = Spooled(folder / "spool")
        self.process = self.spooled.process()
        self.program = Shop(self.process)
        settings = WriterSettings(database, linger=0.0, flush_interval=0.05)
        self._writer = Thread(target=run, args=(self.spooled.path, settings))
        self._writer.start()

    def end(self) -> None:
        self.program.thread.close()
        self.process.goodbye()
        self._writer.join()


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asker]:
    with dashboard(database_in(tmp_path)) as asker:
        yield asker


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield database_in(tmp_path)
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@TRANSPORTS
def test_a_page_hears_of_a_session_that_begins_grows_and_ends(
    tmp_path: Path, database: str, transports: list[str]
) -> None:
    recording = Recording(tmp_path, database)
    with dashboard(database) as ask:
        _follow(recording, ask, Page(ask, transports))


def _follow(recording: Recording, ask: Asker, page: Page) -> None:
    try:
        thread = recording.program.thread
        session = thread.session("shop.py")
        recording.program.event("call", 0, 1)
        assert page.hear("sessions") == {}
        _until(partial(_knows, ask, session))

        page.watch({"id": session})
        first = page.hear("session")
        assert (first["id"], first["status"]) == (session, "running")
        recording.program.event("return", 0, 28, None)
        page.hear("session", lambda news: news["events"] == 2)
        assert ask(f"/api/sessions/{session}/moment", n=2).json["event"]["kind"] == "return"
        thread.finish()
        page.hear("session", lambda news: news["status"] == "completed")
    finally:
        page.close()
        recording.end()


def test_a_page_hears_of_the_session_it_watches_only(tmp_path: Path, ask: Asker) -> None:
    spooled, ids = shop(tmp_path / "spool", sessions=2)
    assert run(spooled.path, WriterSettings(database_in(tmp_path), linger=0.0)) == 0
    page = Page(ask, ["websocket"])
    try:
        for wish in (None, 5, {"id": 5}, {"id": "nobody"}, {}, ["x"]):
            page.watch(wish)
        page.watch({"id": ids[0]})
        assert page.hear("session")["id"] == ids[0]
        page.watch({"id": ids[1]})
        assert page.hear("session")["id"] == ids[1]
        assert "session" not in {name for name, _ in page.told.queue}
    finally:
        page.close()


@pytest.mark.postgres
def test_pages_of_several_dashboards_hear_of_what_came_while_their_line_was_cut(
    tmp_path: Path, postgres: str
) -> None:
    """Each listens on its own; news that were told to nobody are told first."""
    recording = Recording(tmp_path, postgres)
    thread, event = recording.program.thread, recording.program.event
    open_store(postgres, record=True).close()
    with ExitStack() as running:
        lines = [running.enter_context(line_to(postgres)) for _ in range(3)]
        asks = [running.enter_context(dashboard(line.url)) for line in lines]
        pages = [Page(ask, ["websocket"]) for ask in asks]
        try:
            session = thread.session("shop.py")
            event("call", 0, 1)
            for ask, page in zip(asks, pages, strict=True):
                _until(partial(_knows, ask, session))
                page.watch({"id": session})
                assert page.hear("session", lambda news: news["events"] == 1)
            for line in lines:
                line.cut()
            event("return", 0, 28, None)
            with opened(postgres) as store:
                _until(lambda: read_session(store, session).events == 2)
            for line, page in zip(lines, pages, strict=True):
                line.mend()
                page.hear("session", lambda news: news["events"] == 2)
            thread.finish()
            for page in pages:
                page.hear("session", lambda news: news["status"] == "completed")
        finally:
            for page in pages:
                page.close()
            recording.end()


def test_another_sites_page_gets_no_connection(ask: Asker) -> None:
    for transports in (["websocket"], ["polling"]):
        with pytest.raises(socketio.exceptions.ConnectionError):
            Page(ask, transports, Origin="http://evil.example")


def test_a_name_that_was_pointed_here_gets_no_connection(ask: Asker) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        Page(ask, ["websocket"], Host="evil.example")


def test_a_connection_needs_the_token(tmp_path: Path) -> None:
    with dashboard(database_in(tmp_path), token="s3cret") as ask:
        with pytest.raises(socketio.exceptions.ConnectionError):
            Page(ask, ["websocket"])
        Page(ask, ["websocket"], Authorization="Bearer s3cret").close()


def _knows(ask: Asker, session: str) -> bool:
    return ask(f"/api/sessions/{session}").status == HTTPStatus.OK


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
