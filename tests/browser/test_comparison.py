"""Two sessions compared in the page, held against what the recordings say."""

import re

import pytest
from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive
from rewind.replay.difference import difference
from tests.browser.processes import Recordings
from tests.browser.test_access import AXE, RUN

PROGRAM = """\
def price(count, rate):
    if count > 2:
        rate = rate / 2
    return count * rate

def bill(counts):
    total = 0
    for count in counts:
        total += price(count, 10)
    return total

bill({counts})
"""


@pytest.fixture(scope="module")
def two(recordings: Recordings) -> tuple[str, str]:
    """The names of two runs, the second with more of one thing; the older one first."""
    return (
        recordings.record("with two", PROGRAM.format(counts=[1, 2, 1])),
        recordings.record("with three", PROGRAM.format(counts=[1, 3, 1])),
    )


@pytest.fixture
def compared(page: Page, dashboard: str, two: tuple[str, str]) -> Page:
    """The page that compares them, reached by the list."""
    page.goto(dashboard)
    for name in reversed(two):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("link", name="compare").click()
    expect(page).to_have_url(re.compile(r"/compare\?one=\w{32}&other=\w{32}$"))
    return page


def test_the_first_difference_is_the_recordings(
    compared: Page, recordings: Recordings, two: tuple[str, str]
) -> None:
    archive = Archive.open(recordings.database)
    ids = {facts.name: facts.id for facts in archive.sessions()}
    found = difference(archive.session(ids[two[0]]), archive.session(ids[two[1]]))
    archive.close()
    assert found.difference is not None
    assert (found.same, found.difference.what) == (1, "value")
    expect(compared.get_by_role("status").first).to_contain_text(
        "The first event says the same. Then the same step tells another value."
    )
    sides = [
        compared.get_by_role("region", name=name) for name in ("First session", "Second session")
    ]
    expect(sides[0].locator(".row.on")).to_contain_text("bill(counts=[1, 2, 1])")
    expect(sides[1].locator(".row.on")).to_contain_text("bill(counts=[1, 3, 1])")
    for side, n, name in zip(sides, (found.difference.n, found.difference.other), two, strict=True):
        expect(side).to_contain_text(name)
        expect(side.locator(".row.on .n")).to_have_text(str(n))
    expect(compared.locator("tr.differs[data-variable=counts]")).to_contain_text("[1, 3, 1]")


def test_differences_are_walked_and_each_is_one_click_from_its_moment(compared: Page) -> None:
    second = compared.get_by_role("region", name="Second session")
    expect(second.locator(".row.on")).to_contain_text("bill(")
    compared.keyboard.press("n")
    expect(second.locator(".row.on")).to_contain_text("count = 3")
    compared.keyboard.press("n")
    expect(second.locator(".row.on")).to_contain_text("price(count=3")
    compared.get_by_role("button", name="next difference").click()
    expect(second.locator(".row.on")).to_contain_text("if count > 2")
    compared.reload()
    expect(second.locator(".row.on")).to_contain_text("if count > 2")
    n = second.locator(".row.on .n").inner_text()
    second.locator(".row.on").click()
    expect(compared).to_have_url(re.compile(rf"/sessions/\w+\?n={n}$"))
    expect(compared.locator("[data-line][aria-current=step]")).to_contain_text("if count > 2")
    compared.go_back()
    compared.get_by_role("button", name="first difference").click()
    expect(second.locator(".row.on")).to_contain_text("bill(")


def test_one_session_does_not_differ_from_itself(compared: Page) -> None:
    one = re.search(r"one=(\w+)", compared.url)
    assert one
    compared.goto(re.sub(r"other=\w+", f"other={one[1]}", compared.url))
    expect(compared.get_by_role("status").first).to_contain_text(
        re.compile(r"All \d+ events say the same")
    )
    compared.goto(re.sub(r"other=\w+", f"other={'f' * 32}", compared.url))
    expect(compared.get_by_role("heading", name="The sessions cannot be compared")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(compared: Page, scheme: str) -> None:
    compared.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    expect(compared.locator("tr.differs")).to_be_visible()
    compared.evaluate(AXE.read_text(encoding="utf-8"))
    assert compared.evaluate(RUN) == []
