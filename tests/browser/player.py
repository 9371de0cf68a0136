"""The player as a person sees it: what can be read from the page, and what can be done to it."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.processes import Recordings

Events = Sequence[Mapping[str, Any]]
"""As the command line tells them."""


class Player:
    """A page that shows a session."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scrubber = page.get_by_role("slider", name="Moment")
        self.timeline = page.locator(".timeline")
        self.marked_line = page.locator("[data-line][aria-current=step]")
        self.stack = page.locator("[data-frame] > span:first-child")

    @property
    def position(self) -> int:
        """The event that the cursor stands at."""
        return int(self.scrubber.get_attribute("aria-valuenow") or 0)

    @property
    def last(self) -> int:
        """The number of the last event there is."""
        return int(self.scrubber.get_attribute("aria-valuemax") or 0)

    def variable(self, name: str) -> Locator:
        """The line of a variable of the chosen frame."""
        return self.page.locator(f'[data-variable="{name}"]')

    def stands_at(self, n: int) -> None:
        """Wait until cursor, timeline, event list and panes are all at event `n`."""
        expect(self.timeline).to_have_attribute("aria-busy", "false")
        expect(self.scrubber).to_have_attribute("aria-valuenow", str(n))
        row = self.page.locator(f'[role=option][aria-selected=true][data-n="{n}"]')
        expect(row).to_be_in_viewport()
        expect(self.page.get_by_role("region", name="Why")).to_contain_text(f"at {n:,}")

    def press(self, label: str) -> None:
        """Press a button of the transport."""
        self.page.get_by_role("button", name=label, exact=True).click()

    def go_to(self, n: int) -> None:
        """Jump to an event by its number."""
        self.page.keyboard.press("g")
        self.page.keyboard.type(str(n))
        self.page.keyboard.press("Enter")
        self.stands_at(n)

    def find(self, words: str, text: str) -> int:
        """Search for words, go to the first found event that is listed as `text`, return its n."""
        self.page.get_by_role("searchbox").fill(words)
        row = self.page.get_by_role("listbox", name="Found events").get_by_role("option")
        row = row.filter(has_text=text).first
        n = int(row.get_attribute("data-n") or 0)
        row.click()
        self.page.get_by_role("tab", name="Events").click()
        self.stands_at(n)
        return n


def numbers(rows: Locator) -> list[int]:
    """Return the numbers of the events that the rows of a list stand for."""
    # At one moment of the page: a list that is read on replaces its rows.
    found: list[int] = rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.n))")
    return found


def open_session(page: Page, dashboard: str, name: str) -> Player:
    """Open the list, click the session of that name, and wait for its player."""
    # Rows far below are not there: only sessions of that name are listed.
    page.goto(f"{dashboard}/?q={quote(name)}")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f]{32}"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return Player(page)


def told(recordings: Recordings, page: Page, command: str, *options: str) -> Events:
    """Return what the command line says of the session that the page shows, a line each."""
    found = re.search(r"/sessions/(\w+)", page.url)
    assert found
    asked = [command, found.group(1), *options, "--json", "--database", recordings.database]
    answer = subprocess.run(
        [sys.executable, "-m", "rewind", *asked], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]
