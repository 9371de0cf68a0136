from playwright.sync_api import Page, expect

from tests.browser.player import open_session
from tests.browser.processes import Recordings

MARKUP = "<img src=x onerror=window.hacked=1>"
HOSTILE = f"""\
# {MARKUP} in the source
def run(text):
    table = {{text: [text]}}
    raise ValueError(text)

run("{MARKUP}")
"""


def test_recorded_markup_is_text_everywhere(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    """In a name, an error, a value, a key and the source."""
    recordings.record(MARKUP, HOSTILE, expected=1)
    page.goto(dashboard)
    expect(page.get_by_role("link", name=f"ValueError: {MARKUP}").first).to_be_visible()
    player = open_session(page, dashboard, MARKUP)
    player.find("table", "table = ")
    expect(player.variable("text")).to_contain_text(MARKUP)
    player.page.get_by_role("button", name="Unfold table").click()
    expect(page.get_by_role("treeitem").filter(has_text=MARKUP)).not_to_have_count(0)
    expect(page.locator("[data-line='1']")).to_contain_text(MARKUP)
    player.press("Next exception")
    expect(player.marked_line).to_contain_text(f"ValueError: {MARKUP}")
    page.get_by_role("tab", name="Errors").click()
    errors = page.get_by_role("listbox", name="Exceptions").get_by_role("option")
    expect(errors.first).to_contain_text(MARKUP)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hacked") is None
