"""The planted bug of the example, found in the browser by a person who knows nothing of it.

Order 4 has the same customer and voucher as order 1, and a larger discount. The voucher of order 1
was appended to a list that a cache hands to every gold customer.
"""

from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Player, told
from tests.browser.processes import Recordings

MOST_CLICKS = 10


class Hand:
    """Clicks, and counts."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1


def test_the_planted_bug_is_found_in_under_ten_clicks(
    page: Page, dashboard: str, orders: str, recordings: Recordings
) -> None:
    hand = Hand()
    # Other tests have recorded more than a screen shows.
    page.goto(f"{dashboard}/?q={quote(orders)}")
    hand.click(page.get_by_role("link", name=orders, exact=True).first)
    hand.click(page.get_by_role("tab", name="Output"))
    # What is wrong is seen in what was printed: a discount of 40 %.
    hand.click(page.get_by_role("listbox", name="Output").get_by_role("option", name="-40 %"))
    hand.click(page.get_by_role("tab", name="Events"))
    listed = page.get_by_role("listbox", name="Events").get_by_role("option")
    hand.click(listed.filter(has_text="bill_for →").last)
    # The discounts of that bill have the voucher twice: where does the first come from?
    player = Player(page)
    expect(player.variable("discounts")).to_contain_text("[10, 15, 15]")
    hand.click(player.variable("discounts").get_by_role("button", name="discounts", exact=True))
    values = page.get_by_role("listbox", name="Values").get_by_role("option")
    writes = told(recordings, page, "events", "--variable", "discounts")
    expect(values).to_have_count(len(writes))
    texts = [value.locator(".ell").inner_text() for value in values.all()]
    assert texts == [write["text"] for write in writes]
    # It is there as soon as loyalty_discounts has returned; before, order 1 has appended it.
    at = texts.index("[10, 15]")
    assert texts.index("[10, 15]", at + 1) == len(texts) - 4
    hand.click(values.nth(at))
    expect(player.marked_line).to_contain_text("discounts.append(VOUCHERS[order.voucher])")
    expect(player.variable("order")).to_contain_text("number=1")
    # And both bills have the same list, not an equal one.
    assert writes[at]["id"] == writes[len(texts) - 4]["id"]
    assert hand.clicks < MOST_CLICKS
