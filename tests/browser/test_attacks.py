"""What a page of another site can do to a dashboard that the same browser has open: nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from rewind.replay.archive import Archive
from tests.browser.player import open_session
from tests.browser.processes import Recordings


class _Evil(BaseHTTPRequestHandler):
    """A site that has nothing but what the test makes its page do."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def evil_site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Evil)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def evil(browser: Browser, dashboard: str) -> Iterator[Page]:
    """A page of another site, in a browser that has the dashboard open beside it."""
    context = browser.new_context()
    beside = context.new_page()
    beside.goto(dashboard)
    expect(beside.get_by_role("row").nth(1)).to_be_visible()
    with evil_site() as address:
        page = context.new_page()
        page.goto(address)
        yield page
        context.close()


OUTCOME = """
(attempt) => new Promise((done) => {
  const attempts = {
    fetch: (address) => fetch(`${address}/api/sessions`).then(() => done('read'), () => done('no')),
    script: (address) => {
      const script = document.createElement('script');
      script.src = `${address}/api/sessions`;
      script.onload = () => done('read');
      script.onerror = () => done('no');
      document.head.append(script);
    },
    socket: (address) => {
      const socket = new WebSocket(
        `${address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
      socket.onopen = () => done('read');
      socket.onerror = () => done('no');
    },
    post: (address) => fetch(`${address}/api/sessions`, { method: 'POST', mode: 'no-cors' }).then(
      (answer) => done(answer.type === 'opaque' ? 'read' : 'no'), () => done('no')),
    remove: (address) => change('DELETE', `${address}/api/sessions/${attempt[2]}`, done),
    pin: (address) => change('PUT', `${address}/api/sessions/${attempt[2]}/pin`, done),
  };
  const change = (method, address, done) => {
    const how = { method, credentials: 'include', headers: { 'X-Rewind-Change': '1' } };
    fetch(address, how).then(() => done('read'), () => done('no'));
  };
  attempts[attempt[0]](attempt[1]);
})
"""


@pytest.mark.parametrize("attempt", ["fetch", "script", "socket", "post"])
def test_another_site_reads_nothing(evil: Page, dashboard: str, attempt: str) -> None:
    assert evil.evaluate(OUTCOME, [attempt, dashboard]) == "no"


@pytest.mark.parametrize("attempt", ["remove", "pin"])
def test_another_site_changes_nothing(
    evil: Page, dashboard: str, recordings: Recordings, attempt: str
) -> None:
    """A page on another port of this machine is of the same site, and so has the cookie."""
    archive = Archive.open(recordings.database)
    before = archive.sessions()
    assert evil.evaluate(OUTCOME, [attempt, dashboard, before[0].id]) == "no"
    assert archive.sessions() == before
    archive.close()


def test_another_site_cannot_frame_it(evil: Page, dashboard: str) -> None:
    """Nor lead a click of the reader to what the page does not show."""
    evil.evaluate(
        """(address) => new Promise((done) => {
          const frame = document.createElement('iframe');
          frame.src = address;
          frame.onload = done;
          document.body.append(frame);
        })""",
        dashboard,
    )
    (frame,) = evil.main_frame.child_frames
    assert frame.locator("#app").count() == 0


def test_a_name_that_was_pointed_at_this_machine_reads_nothing(
    browser: Browser, dashboard: str
) -> None:
    """As by DNS rebinding: below `localhost` a browser takes every name for this machine's."""
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(dashboard.replace("127.0.0.1", "evil.localhost") + "/api/sessions")
    assert answer is not None
    assert answer.status == 403
    assert "not called" in page.inner_text("body")
    context.close()


def test_what_got_into_the_page_all_the_same_runs_nothing_and_tells_nobody(
    browser: Browser, dashboard: str, orders: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    open_session(page, dashboard, orders)
    with evil_site() as address:
        told = page.evaluate(
            """async (address) => {
              const script = document.createElement('script');
              script.textContent = 'window.hacked = "inline"';
              document.body.append(script);
              const image = document.createElement('div');
              image.innerHTML = '<img src="x" onerror="window.hacked = 1">';
              document.body.append(image);
              const tries = [
                () => fetch(address),
                () => new Promise((done, failed) => {
                  const leak = new Image();
                  leak.onload = done;
                  leak.onerror = failed;
                  leak.src = address;
                }),
              ];
              const outcomes = await Promise.all(
                tries.map((attempt) => attempt().then(() => 'told', () => 'blocked')));
              return [window.hacked ?? 'nothing', ...outcomes];
            }""",
            address,
        )
    assert told == ["nothing", "blocked", "blocked"]
    context.close()
