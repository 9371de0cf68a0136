"""The timeline looked at closely, and the focus, held against what the recording says."""

import re

from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings

LOOP = """\
def add(total, step):
    return total + step

def run():
    total = 0
    for step in range(12_000):
        total = add(total, step)
    return total

run()
"""


def choose(player: Player, start: float, end: float) -> tuple[int, int]:
    """Choose a focus from one share of the strip to another; returns its first and last event."""
    box = player.scrubber.bounding_box()
    assert box is not None
    mouse = player.page.mouse
    y = box["y"] + box["height"] / 2
    player.page.keyboard.down("Shift")
    mouse.move(box["x"] + box["width"] * start, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * end, y, steps=4)
    mouse.up()
    player.page.keyboard.up("Shift")
    expect(player.page).to_have_url(re.compile(r"focus=\d+-\d+"))
    found = re.search(r"focus=(\d+)-(\d+)", player.page.url)
    assert found
    return int(found.group(1)), int(found.group(2))


def by_event(player: Player) -> None:
    player.page.get_by_role("button", name="by time").click()


def width_of_drag(player: Player) -> int:
    """Return how many events lie between the middle of the strip and a tenth further right."""
    box = player.scrubber.bounding_box()
    assert box is not None
    y = box["y"] + 60
    player.page.mouse.move(box["x"] + box["width"] * 0.5, y)
    player.page.mouse.down()
    begin = player.position
    player.page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=3)
    player.page.mouse.up()
    return player.position - begin


def test_the_wheel_looks_closer_and_further_off(player: Player) -> None:
    by_event(player)
    whole = width_of_drag(player)
    box = player.scrubber.bounding_box()
    assert box is not None
    player.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    for _ in range(3):
        player.page.mouse.wheel(0, -100)
    expect(player.page.get_by_role("button", name="whole")).to_be_visible()
    close = width_of_drag(player)
    assert 0 < close <= whole / 4
    player.page.keyboard.press("0")
    expect(player.page.get_by_role("button", name="whole")).to_have_count(0)
    assert width_of_drag(player) == whole


def test_a_focus_narrows_every_list_and_stays_in_the_address(player: Player) -> None:
    by_event(player)
    first, last = choose(player, 0.3, 0.6)
    rows = player.page.get_by_role("listbox", name="Events").get_by_role("option")
    expect(rows.first).to_have_attribute("data-n", str(first))
    expect(rows.first).to_have_attribute("aria-setsize", str(last - first + 1))
    player.press("Start")
    player.stands_at(first)
    player.press("End")
    player.stands_at(last)
    player.page.reload()
    expect(rows.last).to_have_attribute("aria-setsize", str(last - first + 1))
    player.page.get_by_role("searchbox").fill("gross")
    found = player.page.get_by_role("listbox", name="Found events").get_by_role("option")
    expect(found.first).to_be_visible()
    numbers = found.evaluate_all("rows => rows.map((row) => Number(row.dataset.n))")
    assert all(first <= n <= last for n in numbers)
    player.page.get_by_role("button", name="No focus").click()
    expect(player.page).not_to_have_url(re.compile("focus="))
    expect(found).not_to_have_count(len(numbers))


def test_playing_ends_with_the_focus(player: Player) -> None:
    by_event(player)
    _, last = choose(player, 0.3, 0.5)
    player.press("End")
    player.press("Step back")
    player.stands_at(last - 1)
    player.press("Play")
    player.stands_at(last)
    expect(player.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_part_of_a_long_session_is_told_whole(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    """Of the whole session only samples of its calls are listed, of the focus every one."""
    recordings.record("long enough", LOOP)
    player = open_session(page, dashboard, "long enough")
    player.stands_at(1)
    page.get_by_role("tab", name="Calls").click()
    expect(page.get_by_text("A sample:")).to_be_visible()
    by_event(player)
    first, last = choose(player, 0.5, 0.5005)
    page.keyboard.press("0")
    expect(page.get_by_text("A sample:")).to_have_count(0)
    archive = Archive.open(recordings.database)
    found = re.search(r"/sessions/(\w+)", page.url)
    assert found
    session = archive.session(found.group(1))
    called = session.events(EventQuery(first=first, last=last, kinds=frozenset(("call",))))
    opened = sum(1 for _ in called)
    archive.close()
    calls = page.get_by_role("tree", name="Calls").get_by_role("treeitem", name="add")
    # One may have been open already where the focus begins.
    expect(calls.nth(opened - 1)).to_be_visible()
    assert calls.count() in {opened, opened + 1}


NOTES = """\
import rewind

def work(n):
    rewind.note("asked", n)
    return n

for n in range(40):
    total = work(n) if n == 20 else n
"""


def test_a_note_is_a_marker_that_tells_it_and_leads_to_it(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    player = open_session(page, dashboard, recordings.record("notes", NOTES))
    player.stands_at(1)
    by_event(player)
    archive = Archive.open(recordings.database)
    (facts,) = (facts for facts in archive.sessions() if facts.name == "notes")
    session = archive.session(facts.id)
    (note,) = session.events(EventQuery(kinds=frozenset(("note",))))
    archive.close()
    box = player.scrubber.bounding_box()
    assert box is not None
    share = (note.n - facts.first_event) / (facts.events - facts.first_event)
    x, y = box["x"] + 16 + share * (box["width"] - 32), box["y"] + 15
    page.mouse.move(x + 3, y)
    expect(page.get_by_text("asked: 20")).to_be_visible()
    page.mouse.click(x + 3, y)
    player.stands_at(note.n)
