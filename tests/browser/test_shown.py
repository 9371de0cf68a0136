"""What every pane shows, of a program that runs and of one that has ended, and what is recorded."""

import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Events, Player, numbers, open_session, told
from tests.browser.processes import Recordings, finish
from tests.browser.test_kinds import COLOUR

BILLS = """\
import sys

RATES = {"gold": 2, "lead": 1}

def price(name, count):
    total = 0
    if count > 100:
        total = -1
    for step in range(count):
        total += step * RATES.get(name, 1)
    return total

def bill(lines):
    bills = []
    for name, count in lines:
        try:
            bills.append(price(name, count))
            rate = RATES[name]
        except KeyError as error:
            print("no rate for", error, file=sys.stderr)
    return bills

bills = bill([("gold", 3), ("tin", 2), ("gold", 4), ("lead", 3)])
print("billed", bills, flush=True)
sys.stdin.readline()
print("the end")
"""
ADDING = 10
"""The line that adds to the total."""
TOO_MANY = 8
"""The line that no call of `price` comes to."""
FAMILIES = {
    "call": "call",
    "return": "return",
    "variable": "variable",
    "mutate": "variable",
    "branch": "branch",
    "loop": "loop",
    "exception": "exception",
    "handled": "exception",
    "output": "outside",
}
"""The colour of each kind that occurs."""


@pytest.fixture(scope="module", params=["running", "finished"])
def bills(recordings: Recordings, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a recording of that program, which waits for a word before its end."""
    name = f"bills, {request.param}"
    process = recordings.start("--name", name, recordings.program(BILLS))
    assert process.stdout is not None
    while "billed" not in process.stdout.readline():
        pass
    if request.param == "finished":
        finish(process)
    yield name
    if request.param == "running":
        finish(process)


@pytest.fixture
def player(page: Page, dashboard: str, bills: str) -> Player:
    opened = open_session(page, dashboard, bills)
    status = "running" if "running" in bills else "completed"
    expect(page.get_by_text(status, exact=True)).to_be_visible()
    # Its last event but for the end is on the page.
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("listbox", name="Output")).to_contain_text("billed")
    page.get_by_role("tab", name="Events").click()
    page.keyboard.press("Home")
    opened.stands_at(1)
    return opened


def rows_of(page: Page, name: str) -> Locator:
    return page.get_by_role("listbox", name=name).get_by_role("option")


def calls_of(events: Events, name: str) -> Events:
    return [e for e in events if e["kind"] == "call" and e["function"] == name]


def test_every_event_is_listed_in_the_colour_of_its_kind(player: Player, events: Events) -> None:
    page = player.page
    shown: dict[int, tuple[str, str]] = {}
    rows = rows_of(page, "Events")
    for n in range(1, len(events) + 1, 10):
        player.go_to(n)
        expect(page.locator("[role=option].pending")).to_have_count(0)
        for at, label, colour in rows.evaluate_all(
            """rows => rows.map((row) => [Number(row.dataset.n), row.ariaLabel,
                 getComputedStyle(row.querySelector('.dot')).backgroundColor])"""
        ):
            shown[at] = (label, colour)
    assert sorted(shown) == [event["n"] for event in events]
    colours = {name: page.evaluate(COLOUR, name) for name in set(FAMILIES.values())}
    assert len(set(colours.values())) == len(colours)
    for event in events:
        label, colour = shown[event["n"]]
        assert label.startswith(f"{event['kind']}, {event['n']} "), label
        assert colour == colours[FAMILIES[event["kind"]]], event["kind"]
        if event["kind"] == "variable":
            assert label.endswith(f"{event['name']} = {event['text']}"), label


def test_every_call_is_in_the_tree_as_deep_as_it_was(player: Player, events: Events) -> None:
    page = player.page
    page.get_by_role("tab", name="Calls").click()
    tree = page.get_by_role("tree", name="Calls").get_by_role("treeitem")
    opened = [event for event in events if event["kind"] == "call"]
    expect(tree).to_have_count(len(opened))
    # The frame of a call is one deeper than where it stands.
    levels = [int(item.get_attribute("aria-level") or 0) for item in tree.all()]
    stacks = [len(told_stack(events, event["n"])) for event in opened]
    assert levels == stacks
    tree.last.click()
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(opened[-1]["n"]))


def told_stack(events: Events, n: int) -> list[str]:
    """The calls that are open at event `n`, innermost first, as the events tell it."""
    stack: list[str] = []
    for event in events[:n]:
        if event["kind"] == "call":
            stack.insert(0, f"{event['function']}{event['text']}")
        if event["kind"] == "return" and event["n"] < n:
            stack.pop(0)
    return stack


def test_the_stack_tells_the_arguments_of_each_call(player: Player, events: Events) -> None:
    for call in calls_of(events, "price"):
        player.go_to(call["n"])
        frames = player.page.locator("[data-frame]")
        told_calls = told_stack(events, call["n"])
        expect(frames).to_have_count(len(told_calls))
        for frame, call_text in zip(frames.all(), told_calls, strict=True):
            if not call_text.startswith("<module>"):
                spans = frame.locator("span")
                said = spans.nth(0).inner_text() + spans.nth(1).inner_text()
                assert said == call_text


def test_a_variable_has_the_value_that_was_written_last(player: Player, events: Events) -> None:
    (_, _, third, _) = calls_of(events, "price")
    writes = [e for e in events if e["frame"] == third["frame"] and e["name"] == "total"]
    for write in writes[1:]:
        player.go_to(write["n"])
        line = player.variable("total")
        expect(line.locator(".value")).to_have_text(write["text"])
        expect(line).to_have_class(re.compile("changed"))
        expect(player.marked_line.locator(".note").first).to_contain_text(write["text"])


def test_a_variable_tells_all_its_values_and_who_set_it(player: Player, events: Events) -> None:
    page = player.page
    writes = [e for e in events if e["name"] == "total" and e["kind"] == "variable"]
    middle = writes[len(writes) // 2]
    player.go_to(middle["n"] + 1)
    player.variable("total").get_by_role("button", name="total", exact=True).click()
    values = rows_of(page, "Values")
    # Each has its step in the plot, and those around the cursor their rows.
    expect(page.locator(".plot-point")).to_have_count(len(writes))
    texts = {write["n"]: write["text"] for write in writes}
    numbered = map(int, values.locator(".n").all_inner_texts())
    rows = dict(zip(numbered, values.locator(".ell").all_inner_texts(), strict=True))
    assert middle["n"] in rows
    assert rows == {n: texts[n] for n in rows}
    expect(page.get_by_role("img", name="Its values as steps")).to_be_visible()
    page.get_by_title("Go to the write that made it so").click()
    player.stands_at(middle["n"])
    expect(player.marked_line).to_contain_text(middle["line_text"])
    page.locator(".plot-point").nth(1).click()
    player.stands_at(writes[1]["n"])


def test_a_call_says_how_often_its_lines_ran_and_which_did_not(
    player: Player, events: Events
) -> None:
    page = player.page
    for call in calls_of(events, "price"):
        player.go_to(call["n"] + 1)
        added = [e for e in events if e["frame"] == call["frame"] and e["line"] == ADDING]
        expect(page.locator(f"[data-line='{ADDING}'] .times")).to_have_text(f"{len(added)}\u00d7")
        expect(page.locator(f"[data-line='{TOO_MANY}']")).to_have_class(re.compile("cold"))
        expect(page.locator(f"[data-line='{ADDING}']")).not_to_have_class(re.compile("cold"))


def test_calls_and_rounds_are_gone_through(player: Player, events: Events) -> None:
    page = player.page
    calls = calls_of(events, "price")
    player.go_to(calls[0]["n"])
    button = page.get_by_role("button", name="Next call")
    for at, call in enumerate(calls, 1):
        expect(page.locator(".steps").first).to_have_text(f"call {at} of {len(calls)}")
        player.stands_at(call["n"])
        if at < len(calls):
            button.click()
    expect(button).to_be_disabled()
    page.get_by_role("button", name="Previous call").click()
    player.stands_at(calls[-2]["n"])
    frame = calls[-2]["frame"]
    rounds = [e["n"] for e in events if e["frame"] == frame and e["kind"] == "loop"]
    rounds = [n for n in rounds if events[n - 1]["text"] != "end"]
    player.go_to(rounds[0])
    for n in rounds[1:]:
        page.get_by_role("button", name="Next iteration").click()
        player.stands_at(n)


def test_exceptions_are_listed_with_their_ways(player: Player, events: Events) -> None:
    page = player.page
    raised = [event for event in events if "traceback" in event]
    page.get_by_role("tab", name="Errors").click()
    rows = page.get_by_role("listbox", name="Exceptions").get_by_role("option")
    expect(rows).to_have_count(len(raised))
    for row, event in zip(rows.all(), raised, strict=True):
        expect(row).to_contain_text(f"{event['n']}")
        row.click()
        expect(player.scrubber).to_have_attribute("aria-valuenow", str(event["n"]))
        way = page.get_by_role("region", name="Way of the exception")
        expect(way.locator("a[data-n]").first).to_have_attribute("data-n", str(event["n"]))
        expect(way).to_contain_text("handled in")


def test_output_is_what_was_printed(player: Player, recordings: Recordings) -> None:
    page = player.page
    page.get_by_role("tab", name="Output").click()
    lines = told(recordings, page, "output")
    rows = rows_of(page, "Output")
    expect(rows).to_have_count(len(lines))
    for row, line in zip(rows.all(), lines, strict=True):
        expect(row.locator(".said")).to_have_text(line["text"])
        row.click()
        expect(player.scrubber).to_have_attribute("aria-valuenow", str(line["n"]))


FOUND: Mapping[str, Sequence[tuple[str, ...]]] = {
    "kind:branch": [("--kind", "branch")],
    "function:bill": [("--function", "bill")],
    "variable:bills": [("--variable", "bills")],
    "value:gold": [("--value", "gold")],
    "kind:return function:price": [("--kind", "return", "--function", "price")],
    "tin": [("--variable", "tin"), ("--function", "tin"), ("--value", "tin")],
    "total": [("--variable", "total"), ("--function", "total"), ("--value", "total")],
    "no rate for": [("--value", "no rate for")],
}
"""What is written into the search box, and the questions whose answers it is to show."""


def test_events_are_found(player: Player, recordings: Recordings) -> None:
    """By kind, function, variable, value and text; a plain word is any of the last four."""
    page = player.page
    rows = rows_of(page, "Found events")
    for words, asked in FOUND.items():
        page.get_by_role("searchbox").fill(words)
        answers = [told(recordings, page, "events", *options) for options in asked]
        wanted = sorted({event["n"] for answer in answers for event in answer})
        assert wanted
        expect(rows).to_have_count(len(wanted))
        expect(rows.last).to_have_attribute("data-n", str(wanted[-1]))
        assert numbers(rows) == wanted, words


WATCHES = {
    "total": "2",
    "total + count * 10": "42",
    "count > 3 and total == 2": "True",
    "name[0]": "'g'",
    "len(name)": "4",
    "missing": "—",
    "name.upper()": "— at character 11: nothing is called here",
}


def test_a_watch_is_worth_what_was_recorded(player: Player, events: Events) -> None:
    """And what has no value here, or is no expression over recorded values, says so."""
    page = player.page
    third = calls_of(events, "price")[2]
    writes = [e for e in events if e["frame"] == third["frame"] and e["name"] == "total"]
    player.go_to(next(e["n"] for e in writes if e["text"] == "2"))
    for expression, value in WATCHES.items():
        page.keyboard.press("w")
        page.keyboard.type(expression)
        page.keyboard.press("Enter")
        watch = page.locator(f'[data-watch="{expression}"]')
        expect(watch.locator(".value")).to_contain_text(value)
        page.keyboard.press("Escape")


def test_a_print_tells_every_time_a_line_ran(player: Player, events: Events) -> None:
    page = player.page
    adds = [e for e in events if e["line"] == ADDING and e["name"] == "total"]
    player.go_to(adds[2]["n"])
    page.keyboard.press("p")
    page.get_by_label("print", exact=True).fill("total, name")
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="Hits")
    # With its head.
    expect(table).to_have_attribute("aria-rowcount", str(len(adds) + 1))
    rows = table.locator("[data-n]")
    expect(rows.first).to_have_attribute("data-n", str(adds[0]["n"]))
    cells = [row.get_by_role("cell").all_inner_texts() for row in rows.all()]
    shown = [(row[0], row[2]) for row in cells]
    assert shown == [(str(e["n"]), e["text"]) for e in adds[: len(shown)]]
    plot = page.get_by_role("img", name="Plot of total")
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] - 7, "y": 20})
    player.stands_at(adds[-1]["n"])


def test_the_timeline_is_scrubbed_and_a_focus_narrows_the_errors(
    player: Player, events: Events
) -> None:
    page = player.page
    page.get_by_role("button", name="by time").click()
    box = player.scrubber.bounding_box()
    assert box is not None

    def place(n: int) -> float:
        return box["x"] + 16 + (n - 1) / (len(events) - 1) * (box["width"] - 32)

    y = box["y"] + 60
    page.mouse.move(place(5), y)
    page.mouse.down()
    page.mouse.move(place(20), y, steps=4)
    page.mouse.up()
    player.stands_at(20)
    (raised,) = (event["n"] for event in events if "traceback" in event)
    page.get_by_role("tab", name="Errors").click()
    rows = page.get_by_role("listbox", name="Exceptions").get_by_role("option")
    expect(rows).to_have_count(1)
    page.keyboard.down("Shift")
    page.mouse.move(place(2), y)
    page.mouse.down()
    page.mouse.move(place(raised - 3), y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_text("No exception was raised within the focus.")).to_be_visible()
    page.keyboard.press("F")
    expect(rows).to_have_count(1)
