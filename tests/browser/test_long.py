import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings

LOOP = """\
def add(total, step):
    return total + step

def run():
    total = 0
    for step in range(15_000):
        total = add(total, step)
    return total

run()
"""
MOST_ROWS = 100


@pytest.fixture(scope="module")
def long(recordings: Recordings) -> str:
    """The name of a session of more events than are summed up one by one."""
    return recordings.record("long", LOOP)


@pytest.fixture
def player(page: Page, dashboard: str, long: str) -> Player:
    """Its player."""
    opened = open_session(page, dashboard, long)
    opened.stands_at(1)
    return opened


def test_only_visible_rows_exist(player: Player) -> None:
    rows = player.page.get_by_role("listbox", name="Events").get_by_role("option")
    assert 0 < rows.count() < MOST_ROWS
    player.press("End")
    player.stands_at(player.last)
    assert 0 < rows.count() < MOST_ROWS
    expect(rows.last).to_have_attribute("aria-posinset", str(player.last))


def test_step_out_of_a_long_loop_is_one_step(player: Player) -> None:
    player.find("variable:step", "step = 0")
    player.press("Step out")
    expect(player.stack).to_have_text(["__main__"], timeout=30_000)
    assert player.position >= player.last - 1


def test_a_call_of_a_long_session_knows_its_place(player: Player) -> None:
    player.find("variable:step", "step = 0")
    player.press("Step")
    page = player.page
    expect(page.get_by_text("call 1 of 15,000")).to_be_visible()
    page.get_by_role("button", name="Next call").click()
    expect(page.get_by_text("call 2 of 15,000")).to_be_visible()
    expect(player.variable("step")).to_contain_text("1")


def test_one_kind_of_many_events_is_listed_anywhere(player: Player) -> None:
    player.page.get_by_role("button", name="Kinds shown").click()
    for kind in ("calls", "variables", "loops"):
        player.page.get_by_label(kind).uncheck()
    player.press("End")
    rows = player.page.get_by_role("listbox", name="Events").get_by_role("option")
    expect(rows.last).to_have_attribute("aria-label", re.compile("^return"))
    expect(rows.last).to_have_attribute("data-n", str(player.last))
