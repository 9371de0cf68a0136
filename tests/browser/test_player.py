import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player


def test_stepping_moves_the_marked_line_and_the_variables(player: Player) -> None:
    first = player.find("gross", "gross = 0")
    expect(player.marked_line).to_contain_text("gross = 0")
    expect(player.variable("gross")).to_contain_text("0")
    player.press("Step")
    player.stands_at(first + 1)
    expect(player.marked_line).to_contain_text("for line in order.lines:")
    player.page.keyboard.press("ArrowLeft")
    player.stands_at(first)
    expect(player.marked_line).to_contain_text("gross = 0")


def test_a_variable_that_changed_is_marked_and_says_what_it_was(player: Player) -> None:
    player.find("gross", "gross = 1800")
    expect(player.variable("gross")).to_contain_text("1800")
    expect(player.variable("gross")).to_contain_text("was 0")
    expect(player.variable("gross")).to_have_class(re.compile("changed"))
    expect(player.marked_line).to_contain_text("0 → 1800")


def test_a_frame_leaves_the_stack_when_it_returns(player: Player) -> None:
    player.find("kind:call function:price_of", "price_of(product='tea')")
    expect(player.stack).to_have_text(["price_of", "bill_for", "main", "__main__"])
    player.press("Step out")
    expect(player.stack).to_have_text(["bill_for", "main", "__main__"])


def test_step_over_passes_a_whole_call_both_ways(player: Player) -> None:
    call = player.find("kind:call function:price_of", "price_of(product='tea')")
    player.press("Step back")
    player.stands_at(call - 1)
    player.press("Step over")
    expect(player.marked_line).to_contain_text("gross += price_of")
    player.press("Step over, back")
    player.stands_at(call - 1)


def test_an_outer_frame_shows_its_own_variables_and_line(player: Player) -> None:
    player.find("kind:call function:price_of", "price_of(product='tea')")
    player.page.locator("[data-frame]").nth(1).click()
    expect(player.variable("gross")).to_be_visible()
    expect(player.marked_line).to_contain_text("gross += price_of")
    expect(player.page).to_have_url(re.compile(r"frame=\d+"))
    player.page.reload()
    expect(player.variable("gross")).to_be_visible()


def test_play_advances_at_four_times_the_speed_and_pauses(player: Player) -> None:
    player.page.get_by_label("speed").select_option("4")
    expect(player.page).to_have_url(re.compile("speed=4"))
    player.page.keyboard.press("Space")
    player.page.wait_for_function(
        "() => Number(document.querySelector('[role=slider]').ariaValueNow) > 15"
    )
    player.press("Pause")
    paused = player.position
    frames = "new Promise((done) => { let n = 30; const next = () => n-- ? "
    player.page.evaluate(frames + "requestAnimationFrame(next) : done(); next(); })")
    player.stands_at(paused)
    expect(player.page).to_have_url(re.compile(f"n={paused}(&|$)"))


def test_play_ends_at_the_last_event(player: Player) -> None:
    player.press("End")
    player.stands_at(player.last)
    player.press("Step back")
    player.press("Play")
    player.stands_at(player.last)
    expect(player.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_scrubber_is_dragged(player: Player) -> None:
    player.page.get_by_role("button", name="by time").click()
    box = player.scrubber.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    player.page.mouse.move(box["x"] + box["width"] * 0.25, y)
    player.page.mouse.down()
    quarter = player.position
    player.page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=8)
    player.page.mouse.up()
    assert 1 < quarter < player.position < player.last
    player.stands_at(player.position)


def test_a_link_to_a_moment_restores_it(player: Player) -> None:
    n = player.find("gross", "gross = 1800")
    expect(player.page).to_have_url(re.compile(f"n={n}"))
    address = player.page.url
    player.page.goto("about:blank")
    player.page.goto(address)
    player.stands_at(n)
    expect(player.marked_line).to_contain_text("gross += price_of")


def test_back_returns_to_where_one_jumped_from(player: Player) -> None:
    n = player.find("gross", "gross = 1800")
    player.press("End")
    player.stands_at(player.last)
    player.page.go_back()
    player.stands_at(n)


def test_exceptions_are_listed_and_gone_to(player: Player) -> None:
    player.press("Next exception")
    expect(player.marked_line).to_contain_text("KeyError")
    player.page.get_by_role("tab", name="Errors").click()
    errors = player.page.get_by_role("listbox", name="Exceptions").get_by_role("option")
    expect(errors.first).to_have_attribute("aria-selected", "true")


def test_the_history_of_a_variable_links_to_its_moments(player: Player) -> None:
    player.find("gross", "gross = 1800")
    player.page.get_by_role("button", name="gross", exact=True).click()
    values = player.page.get_by_role("listbox", name="Values").get_by_role("option")
    expect(values.filter(has_text="1800").first).to_have_attribute("aria-selected", "true")
    values.first.click()
    expect(player.variable("gross")).to_contain_text("0")


def test_a_value_unfolds_and_what_is_secret_says_so(player: Player) -> None:
    player.find("kind:call function:bill_for", "bill_for(")
    player.page.get_by_role("button", name="Unfold order").click()
    player.page.get_by_role("button", name="Unfold customer").click()
    secret = player.page.get_by_role("treeitem").filter(has_text="card_token").last
    expect(secret).to_contain_text("redacted")
    expect(player.page.locator("body")).not_to_contain_text("tok-4711'")


def test_kinds_can_be_left_out_of_the_event_list(player: Player) -> None:
    player.page.get_by_role("button", name="Kinds shown").click()
    player.page.get_by_label("calls").uncheck()
    rows = player.page.get_by_role("listbox", name="Events").get_by_role("option")
    expect(rows.first).to_have_attribute("aria-label", re.compile("^(return|variable)"))
    labels = rows.evaluate_all("rows => rows.map((row) => row.ariaLabel)")
    assert not any(label.startswith("call") for label in labels)


def test_calls_are_listed_as_deep_as_they_were(player: Player) -> None:
    player.page.get_by_role("tab", name="Calls").click()
    call = player.page.get_by_role("treeitem", name="price_of").first
    expect(call).to_have_attribute("aria-level", "4")
    call.click()
    expect(player.stack.first).to_have_text("price_of")


def test_the_keys_are_explained(player: Player) -> None:
    player.page.keyboard.press("?")
    expect(player.page.get_by_role("dialog", name="Keys")).to_be_visible()
    player.page.keyboard.press("Escape")
    expect(player.page.get_by_role("dialog")).to_have_count(0)


def test_the_page_itself_never_scrolls(player: Player) -> None:
    player.find("gross", "gross = 1800")
    size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert player.page.evaluate(size) == [1440, 900]


def list_is_shown(page: Page, dashboard: str) -> None:
    """Wait for the list of all sessions, whichever of them are the newest."""
    expect(page).to_have_url(f"{dashboard}/")
    expect(page.get_by_role("table", name="Sessions").get_by_role("checkbox").last).to_be_visible()


@pytest.mark.parametrize("path", ["/nowhere", "/no/where/at/all", "/assets/none.js"])
def test_an_unknown_address_says_so_and_leads_back(page: Page, dashboard: str, path: str) -> None:
    answer = page.goto(dashboard + path)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading")).to_be_visible()
    page.get_by_role("link", name="All sessions").click()
    list_is_shown(page, dashboard)
    plain = page.request.get(dashboard + path, headers={"Accept": "*/*"})
    assert (plain.status, plain.json()["error"]["slug"]) == (404, "not-found")


def test_an_unknown_session_says_so_and_leads_back(page: Page, dashboard: str) -> None:
    page.goto(f"{dashboard}/sessions/{'f' * 32}")
    expect(page.get_by_role("heading", name="This session is not known")).to_be_visible()
    page.get_by_role("link", name="All sessions").click()
    list_is_shown(page, dashboard)
