"""The panes of the player: their widths, and what the variables' pane says of objects."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings

SHARED = """\
def fill(one):
    other = one
    alike = [1]
    return other is alike

fill([1])
"""


LEFT_OUT = """\
def show(amounts, note, password):
    return len(note)

show(list(range(5_000)), "word " * 2_000, "swordfish")
"""


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def width(page: Page, name: str) -> float:
    box = region(page, name).bounding_box()
    assert box is not None
    return box["width"]


def height(page: Page, name: str) -> float:
    box = region(page, name).bounding_box()
    assert box is not None
    return box["height"]


def becomes(pane: Locator, side: str, pixels: float) -> None:
    """Wait until a side of a pane is that long, but for a pixel where the edge was gripped."""
    pane.page.wait_for_function(
        "([pane, side, long]) => Math.abs(pane.getBoundingClientRect()[side] - long) <= 1",
        arg=[pane.element_handle(), side, pixels],
    )


def is_wide(page: Page, name: str, pixels: float) -> None:
    becomes(region(page, name), "width", pixels)


def is_high(page: Page, name: str, pixels: float) -> None:
    becomes(region(page, name), "height", pixels)


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


def test_heights_are_changed_and_remembered(player: Player) -> None:
    page = player.page
    player.find("gross", "gross = 1800")
    values, print_pane = "All values of gross", "Print at line 20"
    open_values(player)
    before = height(page, values)
    edge = page.get_by_role("separator", name="Height of the values")
    edge.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    is_high(page, values, before + 48)
    page.keyboard.press("p")
    expect(page.get_by_role("table", name="Hits").locator("[data-n]").first).to_be_visible()
    box = page.get_by_role("separator", name="Height of the print").bounding_box()
    assert box is not None
    pane = height(page, print_pane)
    page.mouse.move(box["x"] + 40, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 56, steps=4)
    page.mouse.up()
    is_high(page, print_pane, pane + 60)
    page.reload()
    open_values(player)
    is_high(page, values, before + 48)
    edge.dblclick()
    is_high(page, values, before)


def test_the_stack_is_made_higher(player: Player) -> None:
    edge = player.page.get_by_role("separator", name="Height of the call stack")
    pane = player.page.locator(".stack-pane")
    edge.focus()
    before = pane.evaluate("pane => pane.getBoundingClientRect().height")
    for _ in range(5):
        player.page.keyboard.press("ArrowDown")
    # It is never lower than eighty pixels.
    higher = max(80, before + 16) + 4 * 16
    becomes(pane, "height", higher)
    player.page.reload()
    player.stands_at(1)
    becomes(pane, "height", higher)


def test_what_was_left_out_is_named_with_its_reason_and_size(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    player = open_session(page, dashboard, recordings.record("left out", LEFT_OUT))
    player.find("amounts", "show(")
    amounts = player.variable("amounts")
    expect(amounts.locator(".tag")).to_contain_text("cut")
    expect(amounts).to_contain_text("5,000")
    note = player.variable("note")
    expect(note.locator(".tag")).to_contain_text("cut")
    expect(note).to_contain_text("10,000")
    expect(player.variable("password").locator(".tag.redacted")).to_have_text("by name")


def open_values(player: Player) -> None:
    player.variable("gross").get_by_role("button", name="gross").click()
    values = player.page.get_by_role("listbox", name="Values").get_by_role("option")
    expect(values.first).to_be_visible()


@pytest.mark.parametrize("variable", ["gross", "discounts"])
def test_values_that_are_on_their_way_have_their_room(player: Player, variable: str) -> None:
    """A number's plot and list, and the list of what is none."""
    page = player.page
    player.find("discounts", "discounts.append() → [10, 15, 15]")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/events?*variable={variable}*", hold)
    player.variable(variable).get_by_role("button", name=variable, exact=True).click()
    pane = f"All values of {variable}"
    expect(region(page, pane)).to_contain_text("Looking for its values")
    waiting = height(page, pane)
    for route in held:
        route.continue_()
    expect(page.get_by_role("listbox", name="Values").get_by_role("option").first).to_be_visible()
    is_high(page, pane, waiting)
