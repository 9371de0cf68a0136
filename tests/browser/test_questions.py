"""Print, watch and the gutter, held against what the recording itself says."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.replay.session import Session
from rewind.replay.text import one_line
from tests.browser.player import Player
from tests.browser.processes import Recordings

GROSS_LINE = 20
"""Of examples/orders/shop/pricing.py: `gross += price_of(line.product) * line.quantity`."""


@pytest.fixture
def session(recordings: Recordings, orders: str, player: Player) -> Iterator[Session]:
    """The session that the player shows, as the recording has it."""
    assert orders
    archive = Archive.open(recordings.database)
    found = re.search(r"/sessions/(\w+)", player.page.url)
    assert found
    yield archive.session(found.group(1))
    archive.close()


def writes_of_gross(session: Session) -> list[tuple[int, str]]:
    query = EventQuery(kinds=frozenset(("variable",)), variable="gross", function="*.bill_for")
    found = session.events(query)
    return [(event.n, one_line(event.value)) for event in found if event.line == GROSS_LINE]


def print_at_gross(player: Player) -> Locator:
    """Open the print of the line, by the mark in its gutter; returns the table's rows."""
    player.find("gross", "gross = 1800")
    player.page.locator(f"[data-line='{GROSS_LINE}']").hover()
    player.page.get_by_label(f"Print at line {GROSS_LINE}").click()
    pane = player.page.get_by_role("region", name="Print at line")
    expect(pane).to_be_visible()
    return pane.get_by_role("table", name="Hits").locator("[data-n]")


def ask(player: Player, expressions: str, where: str = "") -> None:
    player.page.get_by_label("print", exact=True).fill(expressions)
    player.page.get_by_label("where", exact=True).fill(where)
    player.page.keyboard.press("Enter")


def test_a_print_tells_every_hit_of_a_line_as_it_was_recorded(
    player: Player, session: Session
) -> None:
    rows = print_at_gross(player)
    ask(player, "gross")
    writes = writes_of_gross(session)
    expect(rows).to_have_count(len(writes))
    shown = [(int(row.get_attribute("data-n") or 0), row) for row in rows.all()]
    assert [(n, row.get_by_role("cell").last.inner_text()) for n, row in shown] == writes
    expect(player.page.get_by_role("img", name="Plot of gross")).to_be_visible()
    rows.last.get_by_role("link").click()
    player.stands_at(writes[-1][0])
    expect(rows.last).to_have_attribute("aria-current", "step")


def test_a_print_is_sorted_chosen_from_and_copied(player: Player, session: Session) -> None:
    player.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows = print_at_gross(player)
    ask(player, "gross, line.product", "gross > 2000")
    large = [(n, text) for n, text in writes_of_gross(session) if int(text) > 2000]
    expect(rows).to_have_count(len(large))
    head = player.page.get_by_role("columnheader", name="gross")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    ordered = sorted(large, key=lambda write: (int(write[1]), write[0]))
    expect(rows.first).to_have_attribute("data-n", str(ordered[0][0]))
    head.get_by_role("button").click()
    expect(rows.first).to_have_attribute("data-n", str(ordered[-1][0]))
    player.page.get_by_role("button", name="copy CSV").click()
    expect(player.page.get_by_role("button", name="copied")).to_be_visible()
    table = player.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert table[0] == "event,ms,gross,line.product"
    assert [line.split(",")[0] for line in table[1:]] == [str(n) for n, _ in reversed(ordered)]


def test_an_expression_that_cannot_be_says_where_and_why(player: Player) -> None:
    print_at_gross(player)
    ask(player, "gross, exit()")
    pane = player.page.get_by_role("region", name="Print at line")
    expect(pane.get_by_role("alert")).to_contain_text("at character 12: nothing is called here")
    ask(player, "gross", "gross > 1000000")
    expect(pane).to_contain_text("No hit is so.")
    player.page.keyboard.press("Escape")
    player.page.keyboard.press("Escape")
    expect(pane).to_have_count(0)


def test_a_watch_tells_its_value_at_the_cursor_and_stays_in_the_address(
    player: Player, session: Session
) -> None:
    (first, value), (second, other) = writes_of_gross(session)[:2]
    player.find("gross", f"gross = {value}")
    player.page.keyboard.press("w")
    player.page.keyboard.type("gross * 2")
    player.page.keyboard.press("Enter")
    watch = player.page.locator("[data-watch='gross * 2']")
    expect(watch).to_contain_text(str(2 * int(value)))
    expect(watch).to_contain_text("was 0")
    expect(watch).to_have_class(re.compile("changed"))
    player.page.keyboard.press("Escape")
    player.press("Step")
    player.stands_at(first + 1)
    expect(watch).not_to_have_class(re.compile("changed"))
    player.page.keyboard.press("n")
    player.press("Step")
    expect(player.page).to_have_url(re.compile(r"watch=gross"))
    player.page.goto(re.sub(r"n=\d+", f"n={second}", player.page.url))
    expect(watch).to_contain_text(str(2 * int(other)))
    watch.get_by_role("button", name="no longer").click()
    expect(watch).to_have_count(0)
    expect(player.page).not_to_have_url(re.compile("watch="))


def test_a_line_number_leads_to_the_next_and_the_previous_time_it_ran(
    player: Player, session: Session
) -> None:
    hits = [n for n, _ in writes_of_gross(session)]
    player.find("gross", "gross = 1800")
    number = player.page.locator(f"[data-line='{GROSS_LINE}'] .no")
    number.click()
    player.stands_at(hits[1])
    player.page.keyboard.press("n")
    player.stands_at(hits[2])
    number.click(modifiers=["Shift"])
    player.stands_at(hits[1])
    player.page.keyboard.press("N")
    player.stands_at(hits[0])
    player.page.keyboard.press("N")
    expect(player.page.get_by_role("status")).to_contain_text(["had not run before"])


def test_loops_are_gone_through_round_by_round(player: Player, session: Session) -> None:
    loops = session.events(EventQuery(kinds=frozenset(("loop",)), function="*.bill_for"))
    first, second = [event.n for event in loops][:2]
    player.find("gross", "gross = 1800")
    expect(player.page.get_by_title("The loop at line 19")).to_have_text("iteration 1 of 2")
    player.press("Next iteration")
    player.stands_at(second)
    expect(player.page.get_by_title("The loop at line 19")).to_have_text("iteration 2 of 2")
    player.press("Previous iteration")
    player.stands_at(first)


def test_a_name_in_the_source_tells_its_value(player: Player) -> None:
    player.find("gross", "gross = 1800")
    name = player.marked_line.locator(".known").first
    expect(name).to_have_attribute("title", "gross = 1800")
    name.click()
    expect(player.page.get_by_role("region", name="All values of gross")).to_be_visible()
