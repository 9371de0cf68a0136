"""Events found by what they tell, and what the focus does to histories and prints."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Player, numbers, open_session, told
from tests.browser.processes import Recordings

LONG = """\
def step(n):
    return n * 3

for n in range(40_000):
    step(n)
"""


def found_in(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Found events").get_by_role("option")


@pytest.mark.parametrize("value", ["SPRING", "40", "'tea'"])
def test_events_are_found_by_their_values(
    player: Player, recordings: Recordings, value: str
) -> None:
    player.page.get_by_role("searchbox").fill(f"value:{value}")
    rows = found_in(player.page)
    events = told(recordings, player.page, "events", "--value", value)
    assert events
    expect(rows).to_have_count(len(events))
    assert numbers(rows) == [event["n"] for event in events]


def test_a_value_far_away_is_found(page: Page, dashboard: str, recordings: Recordings) -> None:
    """It is looked for in several steps."""
    open_session(page, dashboard, recordings.record("far away", LONG)).stands_at(1)
    page.get_by_role("searchbox").fill("kind:return value:119994")
    rows = found_in(page)
    (event,) = told(recordings, page, "events", "--kind", "return", "--value", "119994")
    expect(rows).to_have_count(1)
    assert numbers(rows) == [event["n"]]


def with_focus(player: Player, first: int, last: int) -> None:
    player.page.goto(f"{player.page.url.split('?')[0]}?n={first}&focus={first}-{last}")
    player.stands_at(first)


def history(page: Page) -> Locator:
    player = Player(page)
    player.variable("gross").get_by_role("button", name="gross").click()
    return page.get_by_role("listbox", name="Values").get_by_role("option")


def prints(page: Page) -> Locator:
    page.keyboard.press("p")
    page.get_by_label("print", exact=True).fill("gross")
    page.keyboard.press("Enter")
    return page.get_by_role("table", name="Hits").locator("[data-n]")


@pytest.mark.parametrize("asked", [history, prints])
def test_a_focus_narrows_what_is_told_of_a_variable(
    player: Player, recordings: Recordings, asked: Callable[[Page], Locator]
) -> None:
    options = ("--variable", "gross", "--kind", "variable")
    writes = [event["n"] for event in told(recordings, player.page, "events", *options)]
    with_focus(player, writes[2], writes[5])
    rows = asked(player.page)
    line = told(recordings, player.page, "events", "--from", str(writes[2]))[0]["line"]
    inside = [
        event["n"]
        for event in told(recordings, player.page, "events", *options)
        if writes[2] <= event["n"] <= writes[5] and (asked is history or event["line"] == line)
    ]
    expect(rows).to_have_count(len(inside))
    player.page.get_by_role("button", name="No focus").click()
    expect(rows).not_to_have_count(len(inside))


def test_a_focus_narrows_the_output(player: Player, recordings: Recordings) -> None:
    lines = [line["n"] for line in told(recordings, player.page, "output")]
    with_focus(player, lines[1], lines[3])
    player.page.get_by_role("tab", name="Output").click()
    rows = player.page.get_by_role("listbox", name="Output").get_by_role("option")
    expect(rows).to_have_count(3)
    assert numbers(rows) == lines[1:4]
