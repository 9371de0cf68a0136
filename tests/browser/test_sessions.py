import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive, SessionFilter
from tests.browser.processes import Recordings
from tests.browser.test_lanes import WORKERS

DOOMED = ("keep me", "away with me")


def test_the_list_shows_what_ran(page: Page, dashboard: str, orders: str) -> None:
    # Other tests have recorded more than a screen shows.
    page.goto(f"{dashboard}/?q={quote(orders)}")
    row = page.get_by_role("row").filter(has_text=orders)
    expect(row).to_contain_text("completed")
    expect(row).to_contain_text("orders.py")
    expect(row).to_contain_text("script")
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()


def test_a_session_appears_without_reload(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    page.goto(dashboard)
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    recordings.record("came later", "value = 1\n")
    expect(page.get_by_role("row").nth(1)).to_contain_text("came later")


def test_new_sessions_are_announced_where_the_reader_is_busy(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    """A row never moves under the pointer."""
    page.goto(dashboard)
    top = page.get_by_role("row").nth(1)
    top.hover()
    before = top.inner_text()
    recordings.record("did not push", "value = 1\n")
    announced = page.get_by_role("button", name="1 new session above")
    expect(announced).to_be_visible()
    assert top.inner_text() == before
    announced.click()
    expect(top).to_contain_text("did not push")


def test_an_error_stands_beside_what_ran_and_links_to_its_moment(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    recordings.record("fails", "value = {}\nvalue['missing']\n", expected=1)
    page.goto(f"{dashboard}/?q=status:error")
    page.get_by_role("link", name="KeyError: 'missing'").first.click()
    expect(page).to_have_url(re.compile(r"n=\d+"))
    expect(page.locator("[data-line][aria-current=step]")).to_contain_text("value['missing']")


def test_words_and_chips_filter_the_list(page: Page, dashboard: str, orders: str) -> None:
    page.goto(dashboard)
    page.keyboard.press("/")
    page.keyboard.type(f"{orders} status:running")
    expect(page.get_by_role("heading", name="No session matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=.*status%3Arunning"))
    page.get_by_label("status").select_option("completed")
    expect(page.get_by_role("searchbox")).to_have_value(f"{orders} status:completed")
    expect(page.get_by_role("link", name=orders, exact=True).first).to_be_visible()


NESTED = """\
import rewind

def step(n):
    return n

with rewind.session("the outer one"):
    for n in range(3):
        with rewind.session(f"inner {n}", inner=True):
            step(n)
"""


def test_what_was_started_from_a_session_is_within_it(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    recordings.record("nested", NESTED)
    page.goto(dashboard)
    inner = page.get_by_role("row").filter(has_text=re.compile(r"inner \d"))
    expect(inner).to_have_count(3)
    outer = page.get_by_role("row").filter(has=page.get_by_text("the outer one", exact=True))
    fold = outer.get_by_role("button", name="3 sessions within")
    indents = [
        row.evaluate("cell => parseFloat(getComputedStyle(cell).paddingLeft)")
        for row in (outer.locator(".trigger"), inner.first.locator(".trigger"))
    ]
    assert indents[0] < indents[1]
    fold.click()
    expect(inner).to_have_count(0)
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(inner).to_have_count(3)


def test_a_row_tells_what_the_recording_tells(
    page: Page, dashboard: str, orders: str, recordings: Recordings
) -> None:
    archive = Archive.open(recordings.database)
    (facts,) = (facts for facts in archive.sessions() if facts.name == orders)
    archive.close()
    page.goto(f"{dashboard}/?q={quote(orders)}")
    cells = page.locator(f"[data-session='{facts.id}']").get_by_role("cell")
    expect(cells).to_have_count(8)
    _, status, what, kind, where, events, took, start = cells.all_inner_texts()
    assert (status, kind, events) == (facts.status, facts.kind, f"{facts.events:,}")
    assert what.startswith(orders)
    assert facts.host in where
    assert facts.duration_ns is not None
    number, unit = took.split()
    scale = {"µs": 1e3, "ms": 1e6, "s": 1e9}[unit]
    assert float(number) == pytest.approx(facts.duration_ns / scale, abs=0.06)
    bar = cells.nth(6).locator(".took-bar i").bounding_box()
    assert bar is not None
    # A tenth of a millisecond to a hundred seconds, by the logarithm, over 64 pixels.
    share = min(1, max(0.02, math.log10(facts.duration_ns / 1e5) / 6))
    assert bar["width"] == pytest.approx(64 * share, abs=1)
    assert f"{datetime.fromtimestamp(facts.start_ns / 1e9, UTC):%M:%S}" in start


def test_kinds_and_times_filter_the_list(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    recordings.record("with a thread", WORKERS)
    page.goto(dashboard)
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_label("kind").select_option("thread")
    expect(page).to_have_url(re.compile("q=kind%3Athread"))
    kinds = page.locator("[data-session] > :nth-child(4)")
    page.wait_for_function(
        """() => [...document.querySelectorAll('[data-session] > :nth-child(4)')]
          .every((cell) => cell.innerText === 'thread')"""
    )
    assert kinds.count() >= 2
    page.get_by_label("last").select_option("15m")
    expect(page.get_by_role("searchbox")).to_have_value("kind:thread last:15m")
    expect(page).to_have_url(re.compile("last%3A15m"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("kind:thread last:15m")
    expect(kinds.first).to_have_text("thread")


MANY = """\
import rewind

def step(n):
    return n

for n in range(2_000):
    with rewind.session(f"one of many {n}"):
        step(n)
"""


@pytest.fixture
def many(recordings: Recordings) -> Iterator[tuple[Recordings, str]]:
    """A place of its own for thousands of sessions, and the address of its dashboard."""
    folder = recordings.folder / "many"
    folder.mkdir()
    own = Recordings(folder)
    own.record("before the many", MANY.replace("2_000", "60"))
    with own.dashboard() as address:
        yield own, address


def test_thousands_arrive_and_whoever_reads_the_past_is_left_in_peace(
    page: Page, many: tuple[Recordings, str]
) -> None:
    recordings, address = many
    page.goto(address)
    table = page.get_by_role("table", name="Sessions")
    rows = page.locator("[data-session]")
    page.get_by_role("button", name="60 sessions within").click()
    page.mouse.move(0, 0)
    past = table.locator(".vlist")
    past.evaluate("list => list.scrollTop = 34 * 12")
    expect(rows.first).to_contain_text("one of many")
    before = rows.all_inner_texts()
    recordings.record("the many", MANY)
    archive = Archive.open(recordings.database)
    total = archive.count(SessionFilter())
    archive.close()
    assert total > 2_000
    expect(table).to_have_attribute("aria-rowcount", str(total))
    assert rows.all_inner_texts() == before
    page.get_by_role("button", name=re.compile("new sessions? above")).click()
    past.evaluate("list => list.scrollTop = 0")
    expect(rows.first).to_contain_text("the many")
    expect(rows.first).not_to_contain_text("before")
    assert rows.count() < 100
    page.goto("about:blank")


def test_sessions_are_pinned_and_deleted(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    """What is pinned is not deleted, and the database says the same as the page."""
    for name in DOOMED:
        recordings.record(name, "value = 1\n")
    page.goto(dashboard)
    rows = {name: page.get_by_role("row").filter(has_text=name) for name in DOOMED}
    page.get_by_label("Choose keep me").check()
    page.get_by_role("button", name="pin", exact=True).click()
    expect(rows["keep me"]).to_contain_text("pinned")
    page.get_by_label("Choose away with me").check()
    page.get_by_role("button", name="delete…").click()
    expect(page.get_by_text("1 that run or are pinned stay.")).to_be_visible()
    page.get_by_role("button", name="delete", exact=True).click()
    expect(rows["away with me"]).to_have_count(0)
    expect(rows["keep me"]).to_be_visible()
    page.get_by_role("button", name="let go").click()
    expect(rows["keep me"]).not_to_contain_text("pinned")
    archive = Archive.open(recordings.database)
    stored = {facts.name: facts.pinned for facts in archive.sessions()}
    archive.close()
    assert "away with me" not in stored
    assert stored["keep me"] is False
    page.reload()
    expect(rows["keep me"]).to_be_visible()
    expect(rows["away with me"]).to_have_count(0)


def test_the_list_is_worked_by_keys_alone(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    for name in ("older", "newer"):
        recordings.record(f"{name} by keys", "value = 1\n")
    page.goto(dashboard)
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("newer by keys")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_label("Choose older by keys")).to_be_checked()
    page.keyboard.press("Delete")
    expect(page.get_by_text("Delete 1 session with")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Choose older by keys")).not_to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("delete what is chosen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="newer by keys")).to_be_visible()


def test_an_empty_database_says_how_to_record(page: Page, recordings: Recordings) -> None:
    folder = recordings.folder / "empty"
    folder.mkdir()
    with Recordings(folder).dashboard() as address:
        page.goto(address)
        expect(page.get_by_text("rewind run app.py")).to_be_visible()
        page.goto("about:blank")
