"""A recording, a dashboard that serves it, and a real Chromium that looks at it.

Each part is a process of its own, as it is for a person: `python -m rewind run`, `python -m rewind
ui`, the browser.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.player import Events, Player, open_session, told
from tests.browser.processes import ROOT, Recordings, finish

PAGE = ROOT / "rewind" / "web" / "static" / "index.html"
OWN = ("127.0.0.1", "localhost", None)
"""This machine, and what is asked of none."""
UNANSWERED = ("Failed to load resource", "WebSocket connection to")
"""How lines begin that Chromium itself writes of what got no good answer."""
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the engine without windows, at half the cost."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Recording, storing and showing are three processes, on machines that may have one core for them.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium_path() -> str | None:
    """Return where Chromium is, or None."""
    named = os.environ.get("REWIND_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


# Not for the session: as long as it lives an event loop runs in this thread, whatever is tested.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; that there is none fails the tests, so that it is noticed."""
    executable = chromium_path()
    if executable is None:
        pytest.fail(
            "no Chromium: install one (Debian: apt install chromium-headless-shell), or name it"
            " in REWIND_CHROMIUM"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile.

    Whatever it has to complain of fails the test, and so does whatever it asks of another machine.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The page says it better.
        if message.type == "error" and not message.text.startswith(UNANSWERED):
            complaints.append(message.text)

    def stays(url: str) -> None:
        if urlsplit(url).hostname not in OWN:
            complaints.append(f"asked for {url}")

    opened.on("request", lambda request: stays(request.url))
    opened.on("websocket", lambda socket: stays(socket.url))
    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    # What a test left without an answer gets none.
    opened.unroute_all(behavior="ignoreErrors")
    context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    """Where the recordings of these tests lie."""
    return Recordings(tmp_path_factory.mktemp("recordings"))


@pytest.fixture(scope="session")
def orders(recordings: Recordings) -> str:
    """The name of a recording of the example program."""
    folder = recordings.folder / "orders"
    shutil.copytree(ROOT / "examples" / "orders", folder, ignore=shutil.ignore_patterns(".*"))
    finish(recordings.start("--name", "the day's orders", "orders.py", cwd=folder))
    return "the day's orders"


@pytest.fixture(scope="session")
def dashboard(recordings: Recordings, orders: str) -> Iterator[str]:
    """The address of a dashboard over the recordings, without the slash at its end."""
    assert orders
    if not PAGE.is_file():
        pytest.fail("the page is not built: run `make page` (it needs Node 20)")
    with recordings.dashboard() as address:
        yield address


@pytest.fixture
def player(page: Page, dashboard: str, orders: str) -> Player:
    """The player of the example program, at its first event; some files have one of their own."""
    opened = open_session(page, dashboard, orders)
    opened.stands_at(1)
    return opened


@pytest.fixture
def events(player: Player, recordings: Recordings) -> Events:
    """The events of the session that the player shows, as the command line tells them."""
    return told(recordings, player.page, "events")
