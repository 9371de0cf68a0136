import re

from playwright.sync_api import Page, expect

from tests.browser.processes import Recordings


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


def test_an_empty_database_says_how_to_record(page: Page, recordings: Recordings) -> None:
    folder = recordings.folder / "empty"
    folder.mkdir()
    with Recordings(folder).dashboard() as address:
        page.goto(address)
        expect(page.get_by_text("rewind run app.py")).to_be_visible()
        page.goto("about:blank")
