"""The way of an exception, held against what the recording says."""

import re

import pytest
from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive
from rewind.replay.exceptions import way_of
from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings

PROGRAM = """\
import json

class PaymentError(Exception):
    pass

def parse(text):
    return json.loads(text)

def pay(text):
    try:
        return parse(text)["amount"]
    except ValueError as error:
        raise PaymentError("no such payment") from error

def main():
    try:
        pay('{"amount"')
    except PaymentError as error:
        text = str(error)

main()
"""


@pytest.fixture(scope="module")
def payments(recordings: Recordings) -> str:
    """The name of a recording in which one exception leads to another."""
    return recordings.record("payments", PROGRAM)


@pytest.fixture
def player(page: Page, dashboard: str, payments: str) -> Player:
    opened = open_session(page, dashboard, payments)
    opened.stands_at(1)
    page.get_by_role("tab", name="Errors").click()
    return opened


def test_each_step_of_an_exception_is_a_click_from_its_moment(
    player: Player, recordings: Recordings
) -> None:
    marks = player.page.get_by_role("listbox", name="Exceptions").get_by_role("option")
    marks.filter(has_text="PaymentError").click()
    way = player.page.get_by_role("region", name="Way of the exception")
    steps = way.locator("a[data-n]")
    expect(steps.last).to_contain_text("handled in")
    found = re.search(r"/sessions/(\w+)", player.page.url)
    assert found
    archive = Archive.open(recordings.database)
    session = archive.session(found.group(1))
    recorded = way_of(session, int(steps.first.get_attribute("data-n") or 0))
    shown = [int(step.get_attribute("data-n") or 0) for step in steps.all()]
    assert shown == [step.event.n for step in recorded.steps]
    (cause,) = recorded.earlier
    archive.close()

    expect(steps.first).to_contain_text("raised in")
    expect(player.variable("text")).to_contain_text('{"amount"')
    steps.last.click()
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(shown[-1]))
    expect(player.stack.first).to_have_text("main")
    way.get_by_role("button", name="caused by").click()
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(cause.event.n))
    expect(way).to_contain_text("JSONDecodeError")
    expect(way).to_contain_text("decoder.py")


def test_a_session_without_exceptions_says_so(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    recordings.record("without errors", "value = 1\n")
    open_session(page, dashboard, "without errors")
    page.get_by_role("tab", name="Errors").click()
    expect(page.get_by_text("No exception was raised.")).to_be_visible()
