import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings, finish, tell

ECHO = """\
import sys

def heard(word):
    length = len(word)
    return length

for word in sys.stdin:
    heard(word.strip())
"""


class Program:
    """A recorded program that does one thing for each word it is told."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self.process = process

    def tell(self, *words: str) -> None:
        """Let it go on."""
        tell(self.process, *words)

    def end(self) -> None:
        """Let it come to its end, and wait for that."""
        finish(self.process)


@pytest.fixture
def program(recordings: Recordings, request: pytest.FixtureRequest) -> Iterator[Program]:
    """A program that runs, named after the test."""
    name = f"listens in {request.function.__name__}"
    running = Program(name, recordings.start("--name", name, recordings.program(ECHO)))
    running.tell("first")
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.fixture
def player(page: Page, dashboard: str, program: Program) -> Player:
    """The player of that program while it runs, at the first event."""
    opened = open_session(page, dashboard, program.name)
    opened.press("Start")
    opened.stands_at(1)
    return opened


def test_events_arrive_while_the_program_runs(player: Player, program: Program) -> None:
    """The cursor stays where the reader put it."""
    before = player.last
    program.tell("second", "third")
    expect(player.scrubber).not_to_have_attribute("aria-valuemax", str(before))
    player.stands_at(1)


def test_a_reader_who_follows_sees_the_newest_event(player: Player, program: Program) -> None:
    player.page.get_by_role("button", name="follow").click()
    program.tell("something")
    expect(player.variable("word")).to_contain_text("something")
    before = player.position
    program.tell("else")
    expect(player.scrubber).not_to_have_attribute("aria-valuenow", str(before))


def test_the_end_of_the_program_shows(player: Player, program: Program) -> None:
    expect(player.page.get_by_text("running", exact=True)).to_be_visible()
    program.end()
    expect(player.page.get_by_text("completed", exact=True)).to_be_visible()


def test_a_running_session_counts_up_in_the_list(
    page: Page, dashboard: str, program: Program
) -> None:
    page.goto(dashboard)
    row = page.get_by_role("row").filter(has_text=program.name)
    expect(row).to_contain_text("running")
    events = row.get_by_role("cell").nth(5)
    before = events.inner_text()
    program.tell(*"abcdef")
    expect(events).not_to_have_text(before)
    program.end()
    expect(row).to_contain_text("completed")


def test_a_dashboard_that_went_away_is_said_and_comes_back(
    page: Page, recordings: Recordings, orders: str
) -> None:
    away = page.get_by_text("not connected")
    with recordings.dashboard() as address:
        player = open_session(page, address, orders)
        player.stands_at(1)
    expect(away).to_be_visible()
    with recordings.dashboard(urlsplit(address).port or 0):
        expect(away).to_have_count(0)
        player.press("End")
        player.stands_at(player.last)
        page.goto("about:blank")
