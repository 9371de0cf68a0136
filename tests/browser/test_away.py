"""A dashboard that goes away and comes back: the page says so, mends itself, and misses nothing."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.player import open_session, told
from tests.browser.processes import Recordings, finish, tell

ECHO = """\
import sys

def heard(word):
    length = len(word)
    print("heard", word, flush=True)
    return length

for word in sys.stdin:
    heard(word.strip())
"""


def test_the_list_has_what_was_recorded_meanwhile(page: Page, recordings: Recordings) -> None:
    recordings.record("before it went", "value = 1\n")
    away = page.get_by_text("not connected")
    with recordings.dashboard() as address:
        page.goto(address)
        expect(page.get_by_role("row").nth(1)).to_contain_text("before it went")
        expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    expect(away).to_be_visible()
    for n in range(3):
        recordings.record(f"while it was away {n}", "value = 1\n")
    expect(page.get_by_role("row").nth(1)).to_contain_text("before it went")
    with recordings.dashboard(urlsplit(address).port or 0):
        expect(away).to_have_count(0)
        for row, n in ((1, 2), (2, 1), (3, 0)):
            expect(page.get_by_role("row").nth(row)).to_contain_text(f"while it was away {n}")
        expect(page.get_by_role("alert")).to_have_count(0)
        page.goto("about:blank")


def test_a_player_has_what_the_program_did_meanwhile(page: Page, recordings: Recordings) -> None:
    """Its events, variables and output, and goes on from there."""
    process = recordings.start("--name", "goes on alone", recordings.program(ECHO))
    tell(process, "first", until="heard first")
    away = page.get_by_text("not connected")
    with recordings.dashboard() as address:
        player = open_session(page, address, "goes on alone")
        page.get_by_role("tab", name="Output").click()
        lines = page.get_by_role("listbox", name="Output").get_by_role("option")
        expect(lines).to_have_count(1)
        expect(player.variable("word")).to_contain_text("first")
    expect(away).to_be_visible()
    words = [f"word {n}" for n in range(20)]
    for word in words:
        tell(process, word, until=f"heard {word}")
    with recordings.dashboard(urlsplit(address).port or 0):
        expect(away).to_have_count(0)
        expect(lines).to_have_count(1 + len(words))
        expect(player.variable("word")).to_contain_text(words[-1])
        tell(process, "last", until="heard last")
        expect(lines.last).to_contain_text("heard last")
        finish(process)
        expect(page.get_by_text("completed", exact=True)).to_be_visible()
        events = told(recordings, page, "events")
        page.keyboard.press("End")
        expect(player.scrubber).to_have_attribute("aria-valuenow", str(len(events)))
        printed = [line["text"] for line in told(recordings, page, "output")]
        assert [line.locator(".said").inner_text() for line in lines.all()] == printed
        expect(page.get_by_role("alert")).to_have_count(0)
        page.goto("about:blank")


def test_where_web_sockets_lead_nowhere_it_is_live_all_the_same(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    """As behind a proxy that lets none through."""
    page.add_init_script(
        """window.WebSocket = class extends window.WebSocket {
             constructor(to, ...rest) { super(to.replace('/socket.io', '/none'), ...rest); }
           };"""
    )
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url))
    page.goto(dashboard)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    assert any(re.search(r"/socket\.io/.*transport=polling", url) for url in polls)
    recordings.record("came by polling", "value = 1\n")
    expect(page.get_by_role("row").nth(1)).to_contain_text("came by polling")
    page.goto("about:blank")
