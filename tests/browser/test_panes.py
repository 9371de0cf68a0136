"""The panes of the player: their widths, and what the variables' pane says of objects."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings

SHARED = """\
def fill(one):
    other = one
    alike = [1]
    return other is alike

fill([1])
"""


@pytest.fixture
def player(page: Page, dashboard: str, orders: str) -> Player:
    opened = open_session(page, dashboard, orders)
    opened.stands_at(1)
    return opened


def width(page: Page, name: str) -> float:
    box = page.get_by_role("region", name=name, exact=True).bounding_box()
    assert box is not None
    return box["width"]


def is_wide(page: Page, name: str, pixels: float) -> None:
    """Wait until a pane has that width, but for a pixel where the edge was gripped."""
    region = page.get_by_role("region", name=name, exact=True).element_handle()
    page.wait_for_function(
        "([pane, wide]) => Math.abs(pane.getBoundingClientRect().width - wide) <= 1",
        arg=[region, pixels],
    )


def drag(edge: Locator, by: int) -> None:
    box = edge.bounding_box()
    assert box is not None
    mouse = edge.page.mouse
    mouse.move(box["x"] + 4, box["y"] + 200)
    mouse.down()
    mouse.move(box["x"] + 4 + by, box["y"] + 200, steps=4)
    mouse.up()


def test_panes_are_widened_and_remembered(player: Player) -> None:
    page = player.page
    lists, why = width(page, "Where"), width(page, "Why")
    drag(page.get_by_role("separator", name="Width of the left pane"), 60)
    drag(page.get_by_role("separator", name="Width of the right pane"), -40)
    is_wide(page, "Where", lists + 60)
    is_wide(page, "Why", why + 40)
    page.reload()
    player.stands_at(1)
    is_wide(page, "Where", lists + 60)
    page.get_by_role("separator", name="Width of the left pane").dblclick()
    is_wide(page, "Where", lists)


def test_panes_are_widened_by_keys_and_nothing_else_moves(player: Player) -> None:
    page = player.page
    lists = width(page, "Where")
    page.get_by_role("separator", name="Width of the left pane").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    is_wide(page, "Where", lists + 16)
    player.stands_at(1)


def test_one_object_under_two_names_is_told_from_an_equal_one(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    player = open_session(page, dashboard, recordings.record("shared", SHARED))
    player.find("alike", "alike = [1]")
    expect(player.variable("one")).to_contain_text("same object \u00d72")
    expect(player.variable("other").get_by_title("One object: one, other")).to_be_visible()
    expect(player.variable("alike")).not_to_contain_text("same object")


def height(page: Page, name: str) -> float:
    box = page.get_by_role("region", name=name).bounding_box()
    assert box is not None
    return box["height"]


def test_heights_are_changed_and_remembered(player: Player) -> None:
    page = player.page
    player.find("gross", "gross = 1800")
    player.variable("gross").get_by_role("button", name="gross").click()
    values = "All values of gross"
    expect(page.get_by_role("region", name=values)).to_be_visible()
    before = height(page, values)
    edge = page.get_by_role("separator", name="Height of the values")
    edge.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    assert abs(height(page, values) - before - 48) <= 8
    page.keyboard.press("p")
    print_edge = page.get_by_role("separator", name="Height of the print")
    box = print_edge.bounding_box()
    assert box is not None
    pane = height(page, "Print at line")
    page.mouse.move(box["x"] + 40, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 56, steps=4)
    page.mouse.up()
    assert abs(height(page, "Print at line") - pane - 60) <= 5
    page.reload()
    player.variable("gross").get_by_role("button", name="gross").click()
    page.wait_for_function(
        "([pane, high]) => Math.abs(pane.getBoundingClientRect().height - high) <= 8",
        arg=[page.get_by_role("region", name=values).element_handle(), before + 48],
    )
    edge.dblclick()
    assert abs(height(page, values) - before) <= 8
