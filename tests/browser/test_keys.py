"""The page by keys alone: every key of the sheet, lists row by row, and where the focus goes."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Events, Player, numbers
from tests.browser.processes import Recordings

GROSS_LINE = 20
"""Of examples/orders/shop/pricing.py."""


def at_depth(events: Events, n: int, way: int, most: int) -> int:
    """The next event that way, from `n` on, which is no deeper than that."""
    numbers = range(n + way, len(events) + 1 if way == 1 else 0, way)
    return next(at for at in numbers if events[at - 1]["depth"] <= most)


@pytest.mark.parametrize(
    ("keys", "way", "outwards"),
    [
        (("Shift+ArrowRight", "J"), 1, 0),
        (("Shift+ArrowLeft", "K"), -1, 0),
        (("Shift+ArrowDown", "o"), 1, 1),
        (("Shift+ArrowUp", "O"), -1, 1),
    ],
    ids=["over", "over back", "out", "out back"],
)
def test_keys_step_over_and_out(
    player: Player, events: Events, keys: tuple[str, ...], way: int, outwards: int
) -> None:
    # Before a call, within it, and at its end.
    call = next(
        e["n"] for e in events if e["kind"] == "call" and e["function"].endswith("price_of")
    )
    for key in keys:
        for start in (call - 1, call + 1, call + 2):
            player.go_to(start)
            player.page.keyboard.press(key)
            depth = max(0, events[start - 1]["depth"] - outwards)
            player.stands_at(at_depth(events, start, way, depth))


def test_keys_step_and_play(player: Player, events: Events) -> None:
    keys = player.page.keyboard
    at = 1
    for key, by in (("ArrowRight", 1), ("j", 1), ("j", 1), ("k", -1), ("ArrowLeft", -1)):
        keys.press(key)
        at += by
        player.stands_at(at)
    for key, n in (("End", len(events)), ("Home", 1)):
        keys.press(key)
        player.stands_at(n)
    speed = player.page.get_by_label("speed")
    for key, value in (("+", "2"), ("+", "4"), ("-", "2"), ("-", "1"), ("-", "0.5")):
        keys.press(key)
        expect(speed).to_have_value(value)


def test_keys_look_closer_and_choose_a_focus(player: Player) -> None:
    page = player.page
    player.go_to(60)
    whole = page.get_by_role("button", name="whole")
    for key in ("z", "z"):
        page.keyboard.press(key)
    expect(whole).to_be_visible()
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile(r"focus=\d+-\d+"))
    found = re.search(r"focus=(\d+)-(\d+)", page.url)
    assert found
    first, last = map(int, found.groups())
    assert 1 <= first <= 60 <= last
    assert last - first < player.last / 2
    for key in ("Z", "Z"):
        page.keyboard.press(key)
    expect(whole).to_have_count(0)
    page.keyboard.press("z")
    expect(whole).to_be_visible()
    page.keyboard.press("0")
    expect(whole).to_have_count(0)
    page.keyboard.press("F")
    expect(page).not_to_have_url(re.compile("focus="))


def seen(player: Player) -> tuple[int, int]:
    """Return the first and last event that the timeline shows, by focusing on them."""
    player.page.keyboard.press("f")
    expect(player.page).to_have_url(re.compile(r"focus=\d+-\d+"))
    found = re.search(r"focus=(\d+)-(\d+)", player.page.url)
    assert found
    player.page.keyboard.press("F")
    expect(player.page).not_to_have_url(re.compile("focus="))
    return int(found.group(1)), int(found.group(2))


def test_keys_go_along_the_timeline(player: Player) -> None:
    player.page.get_by_role("button", name="by time").click()
    player.go_to(player.last // 2)
    for key in ("z", "z", "z"):
        player.page.keyboard.press(key)
    (first, last), width = seen(player), player.last / 8
    assert last - first == pytest.approx(width, abs=2)
    for key, by in (("l", 0.25), ("l", 0.5), ("h", 0.25), ("h", 0), ("h", -0.25)):
        player.page.keyboard.press(key)
        moved = [first + by * width, last + by * width]
        assert list(seen(player)) == pytest.approx(moved, abs=2)
    for _ in range(40):
        player.page.keyboard.press("l")
    assert seen(player)[1] == player.last
    # The cursor has stayed where it was, and comes back into sight with its next step.
    player.page.keyboard.press("j")
    first, last = seen(player)
    assert first <= player.position == player.last // 2 + 1 <= last


def an_events_list(player: Player) -> Locator:
    return player.page.get_by_role("listbox", name="Events")


def an_errors_list(player: Player) -> Locator:
    player.page.get_by_role("tab", name="Errors").click()
    return player.page.get_by_role("listbox", name="Exceptions")


def an_output_list(player: Player) -> Locator:
    player.page.get_by_role("tab", name="Output").click()
    return player.page.get_by_role("listbox", name="Output")


def a_found_list(player: Player) -> Locator:
    player.page.get_by_role("searchbox").fill("kind:call")
    return player.page.get_by_role("listbox", name="Found events")


def a_calls_tree(player: Player) -> Locator:
    player.page.get_by_role("tab", name="Calls").click()
    return player.page.get_by_role("tree", name="Calls")


def a_values_list(player: Player) -> Locator:
    player.find("gross", "gross = 1800")
    player.variable("gross").get_by_role("button", name="gross").click()
    return player.page.get_by_role("listbox", name="Values")


LISTS = (
    an_events_list,
    an_errors_list,
    an_output_list,
    a_found_list,
    a_calls_tree,
    a_values_list,
)


@pytest.mark.parametrize("opened", LISTS, ids=lambda opened: opened.__name__)
def test_lists_are_gone_through_row_by_row(
    player: Player, opened: Callable[[Player], Locator]
) -> None:
    page = player.page
    rows = opened(player)
    row = rows.get_by_role("option").or_(rows.get_by_role("treeitem"))
    expect(row.first).to_be_visible()
    rows.focus()
    focused = rows.locator(":focus")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_count(1)
    first = n_of(focused)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(focused).to_be_in_viewport()
    assert n_of(focused) >= first
    ring = focused.evaluate("row => getComputedStyle(row).outlineStyle")
    assert ring == "solid"
    n = n_of(focused)
    page.keyboard.press("Enter")
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(n))
    expect(focused).to_have_count(1)


def n_of(row: Locator) -> int:
    """The event that a row leads to."""
    n: str = row.evaluate("row => row.dataset.n ?? row.querySelector('.n').innerText")
    return int(n.replace(",", ""))


def test_a_list_is_gone_through_page_by_page_beyond_what_is_seen(player: Player) -> None:
    page = player.page
    rows = an_events_list(player)
    rows.focus()
    seen = numbers(rows.get_by_role("option"))
    for _ in range(3):
        page.keyboard.press("PageDown")
    focused = rows.locator(":focus")
    expect(focused).to_be_in_viewport()
    far = n_of(focused)
    assert far > seen[-1]
    # What is scrolled away under the focus does not take the keys with it.
    rows.evaluate("list => list.scrollTop = 0")
    expect(rows).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-n", str(far + 1))
    expect(focused).to_be_in_viewport()


def test_lines_of_the_source_are_gone_through_with_what_can_be_done_there(
    player: Player, events: Events
) -> None:
    """Each has its number, its print and its values in the way of the Tab key."""
    page = player.page
    player.find("gross", "gross = 1800")
    page.keyboard.press("Escape")
    at = player.position
    source = page.get_by_role("list", name=re.compile("Source of"))
    source.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    number = page.locator(f"[data-line='{GROSS_LINE}'] .no")
    expect(number).to_be_focused()
    runs = [
        event["n"]
        for event in events
        if event["line"] == GROSS_LINE and event["name"] == "gross" and event["kind"] == "variable"
    ]
    page.keyboard.press("Enter")
    player.stands_at(next(n for n in runs if n > at))
    expect(number).to_be_focused()
    page.keyboard.press("Shift+Enter")
    player.stands_at(at)
    page.keyboard.press("Tab")
    expect(page.get_by_label(f"Print at line {GROSS_LINE}")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(f"[data-line='{GROSS_LINE}'] .note").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=f"Print at line {GROSS_LINE}")).to_be_visible()


def test_tabs_are_one_stop_and_arrows_go_from_one_to_the_next(player: Player) -> None:
    page = player.page
    page.get_by_role("tab", name="Events").focus()
    for key, name in (("ArrowRight", "Errors"), ("ArrowRight", "Output"), ("ArrowLeft", "Errors")):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    player_at = player.position
    page.keyboard.press("Tab")
    assert page.get_by_role("tablist").locator(":focus").count() == 0
    assert player.position == player_at


REACHED = """() => {
  const one = document.activeElement;
  const ring = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  };
  const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent');
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = accent;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const edge = (element) => element !== null && getComputedStyle(element).borderColor === colour;
  const menu = one.closest('.menu');
  const plain = getComputedStyle(one).backgroundColor === 'rgba(0, 0, 0, 0)';
  const shown = ring(one) || edge(one) || edge(one.closest('.find')) ||
    (menu !== null && ring(menu)) || (one.matches('.splitter') && !plain) ||
    (one.matches('.whole') && ring(one, '::after')) ||
    getComputedStyle(one, '::after').outlineStyle !== 'none';
  const box = one.getBoundingClientRect();
  const name = one.ariaLabel || one.title || one.innerText || one.className || one.tagName;
  return [name.trim().split('\\n')[0], shown, box.left, box.top, one.tagName];
}"""
"""What has the focus: its name, whether that is seen, where it is."""
CONTROLS = """() => [...document.querySelectorAll(
  'a[href], button, input, select, [tabindex="0"]')]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && one.getClientRects().length > 0)"""

Reached = tuple[str, bool, float, float]


def walk(page: Page) -> list[Reached]:
    """Press Tab until the page begins anew; return what was reached on the way."""
    # What a script gives the focus to shows it only to who uses the keys.
    page.keyboard.press("Tab")
    page.evaluate(f"({CONTROLS})()[0].focus()")
    reached: list[Reached] = []
    for _ in range(200):
        name, shown, left, top, tag = page.evaluate(REACHED)
        if tag == "BODY" or (name, left, top) in {(one[0], *one[2:]) for one in reached}:
            return reached
        reached.append((name, shown, left, top))
        page.keyboard.press("Tab")
    pytest.fail(f"the way has no end: {reached[-5:]}")


def test_tab_reaches_every_control_of_the_player_and_it_is_seen(player: Player) -> None:
    page = player.page
    player.find("gross", "gross = 1800")
    player.variable("gross").get_by_role("button", name="gross").click()
    values = page.get_by_role("listbox", name="Values").get_by_role("option")
    expect(values.first).to_be_visible()
    reached = walk(page)
    assert len(reached) == page.evaluate(f"({CONTROLS})().length")
    assert [name for name, shown, _, _ in reached if not shown] == []
    order = [name for name, *_ in reached]
    stops = ["All sessions", "Find events", "Moment", "Play", "Events", "Line 20", "Unfold"]
    places = [next(i for i, name in enumerate(order) if stop in name) for stop in stops]
    assert places == sorted(places), order


def test_tab_reaches_every_control_of_the_list_and_it_is_seen(
    page: Page, dashboard: str, orders: str
) -> None:
    page.goto(f"{dashboard}/?q={quote(orders)}")
    expect(page.get_by_role("link", name=orders, exact=True).first).to_be_visible()
    reached = walk(page)
    assert len(reached) == page.evaluate(f"({CONTROLS})().length")
    assert [name for name, shown, _, _ in reached if not shown] == []


def sheet(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def search(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def jump(page: Page) -> None:
    page.keyboard.press("g")
    expect(page.get_by_label("Event number")).to_be_focused()


def watch(page: Page) -> None:
    page.keyboard.press("w")
    expect(page.get_by_label("Watch an expression")).to_be_focused()


def seek(page: Page) -> None:
    page.keyboard.press("Control+f")
    expect(page.get_by_role("textbox", name="find in file")).to_be_focused()


@pytest.mark.parametrize("opened", [sheet, search, jump, watch, seek], ids=lambda o: o.__name__)
def test_escape_gives_the_focus_back(player: Player, opened: Callable[[Page], None]) -> None:
    page = player.page
    before = page.get_by_role("button", name="Step", exact=True)
    before.focus()
    opened(page)
    page.keyboard.press("Escape")
    expect(before).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_sheet_is_closed_by_the_key_that_opened_it(player: Player) -> None:
    page = player.page
    before = page.get_by_role("button", name="Step", exact=True)
    before.focus()
    sheet(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(before).to_be_focused()


def test_escape_closes_one_thing_after_the_other(player: Player) -> None:
    page = player.page
    player.find("gross", "gross = 1800")
    name = player.variable("gross").get_by_role("button", name="gross")
    name.focus()
    page.keyboard.press("Enter")
    history = page.get_by_role("region", name="All values of gross")
    expect(history).to_be_visible()
    page.keyboard.press("p")
    print_pane = page.get_by_role("region", name="Print at line")
    expect(page.get_by_label("print", exact=True)).to_be_focused()
    kinds = page.get_by_role("button", name="Kinds shown")
    kinds.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("calls")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Kinds")).to_have_count(0)
    expect(kinds).to_be_focused()
    expect(print_pane).to_be_visible()
    page.keyboard.press("Escape")
    expect(print_pane).to_have_count(0)
    expect(history).to_be_visible()
    name.focus()
    page.keyboard.press("Escape")
    expect(history).to_have_count(0)
    expect(name).to_be_focused()


def test_a_button_that_leads_nowhere_keeps_the_focus(player: Player) -> None:
    page = player.page
    player.press("End")
    button = page.get_by_role("button", name="Step", exact=True)
    expect(button).to_be_disabled()
    back = page.get_by_role("button", name="Step back", exact=True)
    back.focus()
    page.keyboard.press("Home")
    expect(back).to_be_disabled()
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    player.stands_at(1)


HEARD = """() => {
  window.heard = [];
  const say = (element) => {
    const text = element.cloneNode(true);
    text.querySelectorAll('[aria-hidden=true]').forEach((one) => one.remove());
    window.heard.push(text.textContent.trim());
  };
  new MutationObserver((changes) => {
    const regions = new Set(changes.flatMap(({ target }) => {
      const element = target instanceof Element ? target : target.parentElement;
      return element?.closest('[role=status], [role=alert]') ?? [];
    }));
    regions.forEach(say);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Notes whatever a screen reader would say unasked."""


def test_what_is_said_unasked_is_where_the_cursor_comes_to_rest(player: Player) -> None:
    page = player.page
    expect(page.get_by_role("status").filter(has_text="event 1, line")).to_have_count(1)
    page.evaluate(HEARD)
    page.get_by_label("speed").select_option("8")
    page.keyboard.press("Space")
    page.wait_for_function(
        "() => Number(document.querySelector('[role=slider]').ariaValueNow) > 40"
    )
    assert page.evaluate("window.heard") == []
    player.press("Pause")
    player.go_to(30)
    said = page.get_by_role("status").filter(has_text="event 30, line")
    expect(said).to_have_count(1)
    assert len(page.evaluate("window.heard")) <= 2


def test_the_list_gives_the_focus_back_and_to_the_row_it_goes_to(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    for name in ("first of two", "second of two"):
        recordings.record(name, "value = 1\n")
    page.goto(dashboard)
    expect(page.get_by_role("row").nth(1)).to_contain_text("second of two")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="second of two", exact=True)).to_be_focused()
    page.keyboard.press("j")
    row = page.get_by_role("link", name="first of two", exact=True)
    expect(row).to_be_focused()
    page.keyboard.press("x")
    deletes = page.get_by_role("button", name="delete…")
    deletes.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(deletes).to_be_focused()
    page.keyboard.press("Escape")
    expect(deletes).to_have_count(0)
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="first of two")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "box"),
    [("Control+f", "find in file"), ("p", "print"), ("w", "Watch an expression")],
)
def test_what_is_typed_at_once_goes_where_the_key_leads(player: Player, key: str, box: str) -> None:
    """And is no key of the page: `n`, `w` and `e` would be."""
    at = player.find("gross", "gross = 1800")
    for _ in range(5):
        player.page.keyboard.press(key)
        player.page.keyboard.type("new")
        field = player.page.get_by_role("textbox", name=re.compile(f"^{box}"))
        expect(field).to_have_value(re.compile("new$"))
        player.page.keyboard.press("Escape")
        player.page.keyboard.press("Escape")
    player.stands_at(at)
