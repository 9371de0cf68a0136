"""What was printed, beside what the command line says of it, and its marks on the timeline."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Player, open_session, told
from tests.browser.processes import Recordings, finish, tell

PRINTS = """\
import sys

def work(n):
    print("begun", n, end=" ")
    sys.stderr.write(f"warned of {n}\\n")
    print("and done")

for n in range(4):
    work(n)
"""

CHATTY = """\
def tell(n):
    print("line", n)

for n in range(9_000):
    tell(n)
"""

ECHO = """\
import sys

def heard(word):
    print("heard", word, flush=True)

for word in sys.stdin:
    heard(word.strip())
"""


def rows_of(page: Page) -> Locator:
    page.get_by_role("tab", name="Output").click()
    rows = page.get_by_role("listbox", name="Output").get_by_role("option")
    expect(rows.first).to_be_visible()
    return rows


def listed(rows: Locator) -> list[tuple[int, str, str]]:
    # At one moment of the page: a list that is read on replaces its rows.
    found = rows.evaluate_all(
        """rows => rows.map((row) =>
          [Number(row.dataset.n), row.dataset.stream, row.querySelector('.said').innerText])"""
    )
    return [(n, stream, text) for n, stream, text in found]


@pytest.fixture
def player(page: Page, dashboard: str, recordings: Recordings) -> Player:
    opened = open_session(page, dashboard, recordings.record("prints", PRINTS))
    opened.stands_at(1)
    return opened


def test_the_list_is_what_the_command_line_tells(player: Player, recordings: Recordings) -> None:
    rows = rows_of(player.page)
    lines = told(recordings, player.page, "output")
    expect(rows).to_have_count(len(lines))
    assert listed(rows) == [(line["n"], line["stream"], line["text"]) for line in lines]
    player.page.get_by_role("button", name="stdout").click()
    warned = [line for line in lines if line["stream"] == "stderr"]
    expect(rows).to_have_count(len(warned))
    assert [text for _, _, text in listed(rows)] == [line["text"] for line in warned]


def test_a_line_leads_to_its_moment_and_what_comes_later_is_pale(player: Player) -> None:
    rows = rows_of(player.page)
    third = rows.nth(2)
    third.click()
    expect(third).to_have_attribute("aria-selected", "true")
    expect(player.scrubber).to_have_attribute("aria-valuenow", third.get_attribute("data-n") or "")
    expect(player.stack.first).to_have_text(re.compile("work"))
    at = int(third.get_attribute("data-n") or 0)
    later = [re.search("later", row.get_attribute("class") or "") is not None for row in rows.all()]
    assert later == [n > at for n, _, _ in listed(rows)]
    assert True in later


def test_a_long_output_is_read_around_the_cursor(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    player = open_session(page, dashboard, recordings.record("chatty", CHATTY))
    player.stands_at(1)
    lines = told(recordings, page, "output")
    player.press("End")
    rows = rows_of(page)
    expect(rows.last).to_contain_text("line 8999")
    page.get_by_role("button", name="from the beginning").click()
    expect(rows.first).to_contain_text("line 0")
    page.get_by_role("listbox", name="Output").evaluate("list => list.scrollTop = 15_000")
    expect(rows.first).to_contain_text("line 7")
    for n, stream, text in listed(rows):
        line = lines[int(text.split()[1])]
        assert (line["n"], line["stream"], line["text"]) == (n, stream, text)


def test_lines_arrive_while_the_program_runs(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    process = recordings.start("--name", "echoes", recordings.program(ECHO))
    tell(process, "first")
    open_session(page, dashboard, "echoes")
    rows = rows_of(page)
    expect(rows).to_have_text([re.compile("heard first")])
    tell(process, "second")
    expect(rows).to_have_text([re.compile("heard first"), re.compile("heard second")])
    finish(process)


def test_output_is_marked_on_the_timeline_and_the_marks_can_be_left_out(
    player: Player, recordings: Recordings
) -> None:
    page = player.page
    page.get_by_role("button", name="by time").click()
    events = told(recordings, page, "events")
    texts = [event for event in events if event["kind"] == "output"]
    box = player.scrubber.bounding_box()
    assert box is not None
    share = (texts[2]["n"] - 1) / (len(events) - 1)
    x, y = box["x"] + 16 + share * (box["width"] - 32), box["y"] + 6
    legend = page.get_by_role("group", name="Marks").get_by_role("button", name="output")
    expect(legend).to_have_attribute("title", f"output: {len(texts)}")
    page.mouse.move(x + 2, y)
    hint = page.locator(".hint b")
    expect(hint).to_have_text(f"{texts[2]['name']}: {texts[2]['text']}")
    page.mouse.click(x + 2, y)
    player.stands_at(texts[2]["n"])
    legend.click()
    expect(legend).to_have_attribute("aria-pressed", "false")
    page.mouse.move(x + 3, y)
    expect(hint).not_to_contain_text("stdout")
