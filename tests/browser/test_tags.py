"""Tags of sessions: told on the list and in the player, and what the list is filtered by."""

import re

from playwright.sync_api import Page, expect

from tests.browser.processes import Recordings

IMPORTS = """\
import rewind

def load(name):
    return len(name)

for name, rows in (("sales", 3), ("stock", 0), ("sales", 5)):
    with rewind.session(f"import of {name}", table=name, rows=rows, dry=rows == 0):
        load(name)
"""


def test_the_list_is_filtered_by_the_tags_that_it_tells(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    recordings.record("imports", IMPORTS)
    page.goto(f"{dashboard}/?q=import")
    rows = page.get_by_role("row").filter(has_text="import of")
    expect(rows).to_have_count(3)
    told = rows.filter(has_text="import of stock").get_by_role("link")
    expect(told).to_have_text(["import of stock", "rows 0", "dry true"])
    rows.first.get_by_role("link", name="dry false").click()
    expect(page).to_have_url(re.compile("q=tag%3Adry%3Dfalse"))
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("tag:dry=false tag:rows=5")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("import of sales")
    rows.get_by_role("link", name="imports").click()
    expect(page.get_by_role("heading", name="imports")).to_be_visible()
    header = page.get_by_role("banner").get_by_role("link")
    expect(header.filter(has_text=re.compile("^(table|rows|dry) "))).to_have_text(
        ["table sales", "rows 5", "dry false"]
    )
    header.filter(has_text="table").click()
    expect(rows).to_have_count(2)
