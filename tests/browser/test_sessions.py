import re

from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive
from tests.browser.processes import Recordings

DOOMED = ("keep me", "away with me")


def test_the_list_shows_what_ran(page: Page, dashboard: str, orders: str) -> None:
    page.goto(dashboard)
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
    page.keyboard.type("status:running")
    expect(page.get_by_role("heading", name="No session matches")).to_be_visible()
    expect(page).to_have_url(re.compile("q=status%3Arunning"))
    page.get_by_label("status").select_option("completed")
    expect(page.get_by_role("searchbox")).to_have_value("status:completed")
    expect(page.get_by_role("link", name=orders, exact=True).first).to_be_visible()


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
