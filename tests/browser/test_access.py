"""The page for everybody: by axe-core's rules, magnified, and on narrower screens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.player import open_session
from tests.browser.processes import ROOT, Recordings

AXE = ROOT / "webui" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ''}`)))
"""

FAMILY = "a family for everybody"
TABLES = """\
import rewind

def load(name):
    return len(name)

for name in ("sales", "stock", "staff"):
    with rewind.session(f"load of {name}", of=name):
        load(name)
"""

Scene = Callable[[Page, str, str], None]


def the_list(page: Page, dashboard: str, orders: str) -> None:
    page.goto(dashboard)
    expect(page.get_by_role("link", name=orders, exact=True).first).to_be_visible()


def the_player(page: Page, dashboard: str, orders: str) -> None:
    player = open_session(page, dashboard, orders)
    player.find("gross", "gross = 1800")


def a_print_and_watches(page: Page, dashboard: str, orders: str) -> None:
    the_player(page, dashboard, orders)
    page.get_by_label("Watch an expression").fill("order.customer")
    page.keyboard.press("Enter")
    expect(page.locator("[data-watch]")).to_contain_text("Customer")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("table", name="Hits").locator("[data-n]").first).to_be_visible()


def the_errors(page: Page, dashboard: str, orders: str) -> None:
    player = open_session(page, dashboard, orders)
    player.press("Next exception")
    page.get_by_role("tab", name="Errors").click()
    expect(page.get_by_role("region", name="Way of the exception")).to_contain_text("raised in")


def the_calls(page: Page, dashboard: str, orders: str) -> None:
    open_session(page, dashboard, orders)
    page.get_by_role("tab", name="Calls").click()
    expect(page.get_by_role("treeitem").first).to_be_visible()


def the_output(page: Page, dashboard: str, orders: str) -> None:
    player = open_session(page, dashboard, orders)
    player.press("Next exception")
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("listbox", name="Output").get_by_role("option").first).to_be_visible()


def the_family(page: Page, dashboard: str, orders: str) -> None:
    """Three sessions with tags, and the one that they are within."""
    assert orders
    page.goto(f"{dashboard}/?q=kind:session")
    page.get_by_role("link", name=FAMILY, exact=True).first.click()
    lanes = page.get_by_role("group", name="Sessions of the family")
    expect(lanes.get_by_role("button")).to_have_count(4)


def the_keys(page: Page, dashboard: str, orders: str) -> None:
    open_session(page, dashboard, orders).stands_at(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


SCENES = (
    the_list,
    the_player,
    a_print_and_watches,
    the_errors,
    the_calls,
    the_output,
    the_family,
    the_keys,
)


@pytest.fixture(scope="module", autouse=True)
def _family(recordings: Recordings) -> None:
    """What `the_family` shows."""
    recordings.record(FAMILY, TABLES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_axe_finds_nothing(
    page: Page, dashboard: str, orders: str, scene: Scene, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    scene(page, dashboard, orders)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN) == []


@pytest.mark.parametrize(
    "size", [(1280, 800), (768, 1024), (720, 450)], ids=["1280 px", "768 px", "1440 px at 200 %"]
)
@pytest.mark.parametrize(
    "scene", [the_list, a_print_and_watches, the_output, the_family], ids=lambda s: s.__name__
)
def test_everything_has_its_place(
    browser: Browser, dashboard: str, orders: str, scene: Scene, size: tuple[int, int]
) -> None:
    """Nothing sticks out of the page, and source, variables and the lists are all to be seen."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    scene(page, dashboard, orders)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if scene is not the_list:
        for name in ("Where", "Source", "Why"):
            box = page.get_by_role("region", name=name, exact=True).bounding_box()
            assert box is not None
            assert box["width"] >= 250, name
            assert box["height"] >= 150, name
    context.close()
