"""The dashboard as a process: where it listens, whom it lets in, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from rewind.errors import ConfigError
from rewind.replay.archive import Archive
from rewind.web.app import create_app
from rewind.web.guard import Door
from rewind.web.live import Feed
from rewind.web.pages import NOT_BUILT
from rewind.web.server import DEFAULT_PORT, Address, Dashboard
from rewind.writer import WriterSettings, run
from tests.integration.dashboard import Asker, dashboard, database_in, free_port
from tests.integration.terminal import environment, rewind
from tests.shop import shop

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what the tests are about


class Terminal:
    """`rewind ui`, run as a person does."""

    def __init__(self, folder: Path, *options: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rewind", "ui", "--no-open", *options],
            cwd=folder,
            env=environment(folder, **environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://\S+?:(\d+)/", self.said)
        assert found, self.process.communicate()
        self.ask = Asker(int(found[1]))

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; returns exit code and what was said on standard error."""
        self.process.send_signal(number)
        _, complaint = self.process.communicate(timeout=20)
        return self.process.returncode, complaint


@contextmanager
def terminal(folder: Path, *options: str, **environ: str) -> Iterator[Terminal]:
    opened = Terminal(folder, *options, **environ)
    try:
        yield opened
    finally:
        opened.process.kill()
        opened.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_end_and_says_nothing_more(
    tmp_path: Path, number: signal.Signals
) -> None:
    with terminal(tmp_path, "--port", "0") as shown:
        assert shown.ask("/api/sessions").json == {"sessions": [], "total": 0}
        assert shown.ask("/nothing").status == 404
        assert shown.end(number) == (0, "")


def test_it_ends_at_once_while_a_page_is_connected(tmp_path: Path) -> None:
    with terminal(tmp_path, "--port", "0") as shown:
        page = socket.create_connection(("127.0.0.1", shown.ask.port))
        page.sendall(b"GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert page.recv(12) == b"HTTP/1.1 200"
        assert shown.end() == (0, "")
        page.close()


def test_it_can_be_started_again_at_once_at_the_same_port(tmp_path: Path) -> None:
    port = str(free_port())
    for _ in range(2):
        with terminal(tmp_path, "--port", port) as shown:
            assert shown.ask("/api/status").status == 200
            assert shown.end() == (0, "")


def test_a_port_that_was_asked_for_and_is_busy_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = rewind(tmp_path, "ui", "--no-open", "--port", other.getsockname()[1])
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "--port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_where_the_usual_port_is_busy_the_next_one_is_taken(tmp_path: Path) -> None:
    archive = Archive.open(database_in(tmp_path), create=True)
    dashboards = [Dashboard(archive, "127.0.0.1") for _ in range(2)]
    try:
        first, second = (dashboard.address.port for dashboard in dashboards)
        assert DEFAULT_PORT <= first < second < DEFAULT_PORT + 10
    finally:
        for shown in dashboards:
            shown._server.server_close()
        archive.close()


def test_other_machines_are_let_in_with_a_token_that_is_made_for_them(tmp_path: Path) -> None:
    made = set()
    for options in ([], ["--token", ""]):
        with terminal(tmp_path, "--port", "0", "--host", EVERYWHERE, *options) as shown:
            found = re.search(r"token=([\w-]+)", shown.said)
            assert found
            made.add(found[1])
            assert shown.ask("/api/status").status == 401
            assert shown.ask("/api/status", token="").status == 401
            assert shown.ask("/", token=found[1]).status == 303
    assert len(made) == 2
    assert min(map(len, made)) >= 22


def test_the_token_of_the_environment_is_asked_for(tmp_path: Path) -> None:
    options = ("--port", "0", "--host", EVERYWHERE)
    with terminal(tmp_path, *options, REWIND_UI_TOKEN="s3 cret") as shown:
        assert "127.0.0.1" in shown.said
        assert "token=s3%20cret" in shown.said
        assert shown.ask("/api/status").status == 401
        entered = shown.ask("/", token="s3 cret")
        assert entered.status == 303
        cookie = entered.headers["Set-Cookie"].partition(";")[0]
        assert shown.ask("/api/status", headers={"Cookie": cookie}).status == 200
        bearer = {"Authorization": "Bearer s3 cret"}
        assert shown.ask("/api/status", headers=bearer).status == 200
        assert shown.end() == (0, "")


def test_a_place_that_is_not_this_machines_is_an_error(tmp_path: Path) -> None:
    archive = Archive.open(database_in(tmp_path), create=True)
    with pytest.raises(ConfigError, match="cannot listen at"):
        Dashboard(archive, "192.0.2.1", 0, "s3cret")
    with pytest.raises(ConfigError, match="cannot listen at"):
        Dashboard(archive, "no-such-host.invalid", 0, "s3cret")
    archive.close()


def test_a_database_that_is_not_ours_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("dear diary")
    done = rewind(tmp_path, "ui", "--no-open", "--database", f"sqlite:///{tmp_path}/notes.db")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert (tmp_path / "notes.db").read_text() == "dear diary"


def test_a_name_that_was_pointed_here_learns_nothing(tmp_path: Path) -> None:
    with dashboard(database_in(tmp_path)) as ask:
        answer = ask("/api/sessions", headers={"Host": "evil.example"})
        assert (answer.status, answer.json["error"]["slug"]) == (403, "host")
        answer = ask("/api/sessions", headers={"Origin": "http://evil.example"})
        assert (answer.status, answer.json["error"]["slug"]) == (403, "origin")


def test_addresses_can_be_opened_in_a_browser_of_this_machine() -> None:
    assert Address("127.0.0.1", 8765).url == "http://127.0.0.1:8765/"
    assert Address("::1", 8765).url == "http://[::1]:8765/"
    assert Address(EVERYWHERE, 80, "a&b").url == "http://127.0.0.1:80/?token=a%26b"


def test_it_reads_while_a_writer_writes(tmp_path: Path) -> None:
    """Many pages at once, and none is told that the database is locked."""
    database = database_in(tmp_path)
    spooled, _ = shop(tmp_path / "spool", sessions=300)
    faults: list[object] = []

    def read(ask: Asker) -> None:
        while writer.is_alive():
            answer = ask("/api/sessions", limit=5)
            faults.extend([answer.body] if answer.status != 200 else [])
            for session in answer.json.get("sessions", []):
                moment = ask(f"/api/sessions/{session['id']}/moment", n=session["events"])
                faults.extend([moment.body] if moment.status != 200 else [])

    with dashboard(database) as ask:
        writer = Thread(target=run, args=(spooled.path, WriterSettings(database, linger=0.0)))
        writer.start()
        readers = [Thread(target=read, args=(ask,)) for _ in range(4)]
        for thread in (*readers, writer):
            if thread is not writer:
                thread.start()
        for thread in (writer, *readers):
            thread.join()
        assert faults == []
        assert ask("/api/sessions").json["total"] == 300


class Page:
    """An application whose page is a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive.open(database_in(folder), create=True)
        app = create_app(self.archive, Feed(self.archive), Door(), folder / "static")
        self.client = app.test_client()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    shown = Page(tmp_path)
    yield shown
    shown.archive.close()


def test_the_page_is_shown_for_the_list_and_for_sessions(tmp_path: Path, page: Page) -> None:
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<title>Rewind</title>")
    (assets / "app-1a2b3c.js").write_text("start()")
    for address in ("/", "/sessions", "/sessions/0198", "/sessions/0198/events"):
        with page.client.get(address) as answer:
            assert (answer.status_code, answer.data) == (200, b"<title>Rewind</title>")
            assert answer.headers["Cache-Control"] == "no-cache"
    with page.client.get("/assets/app-1a2b3c.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
    assert page.client.get("/assets/app-999999.js").status_code == 404
    assert page.client.get("/favicon.svg").status_code == 404


def test_a_page_that_is_not_built_says_how_to_build_it(page: Page) -> None:
    answer = page.client.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.data.decode() == NOT_BUILT
    assert "make page" in NOT_BUILT
    assert page.client.get("/api/sessions").status_code == 200


def test_a_fault_of_ours_is_logged_and_shows_nothing_of_our_insides(
    page: Page, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        message = "secret path " + os.getcwd()
        raise ZeroDivisionError(message)

    monkeypatch.setattr(page.archive, "status", fail)
    answer = page.client.get("/api/status")
    assert answer.status_code == 500
    assert answer.json == {
        "error": {
            "slug": "fault",
            "message": "the dashboard failed to answer; its terminal says more",
        }
    }
    assert "ZeroDivisionError" in caplog.text
