"""The page for everybody: by axe-core's rules, magnified, and on narrower screens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import scenes
from tests.browser.processes import ROOT, Recordings
from tests.browser.scenes import PANES, SCENES, Scene, Stage

AXE = ROOT / "webui" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ''}`)))
"""
STICKS_OUT = """() => {
  const room = document.documentElement;
  if (room.scrollWidth > room.clientWidth) return ['the page'];
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const within = (element) => element.parentElement &&
    (scrolls(element.parentElement) || within(element.parentElement));
  return [...document.querySelectorAll('button, input, select, a')]
    .filter((one) => one.offsetParent !== null && !within(one))
    .filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return right > room.clientWidth + 1 || left < -1;
    })
    .map((one) => one.ariaLabel || one.innerText || one.className);
}"""
"""What of the page can be pressed, but lies where nobody comes to."""


@pytest.fixture(scope="module")
def stage(recordings: Recordings, dashboard: str, orders: str) -> Iterator[Stage]:
    """What the scenes show."""
    with scenes.company(recordings):
        yield Stage(dashboard, orders)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_axe_finds_nothing(page: Page, stage: Stage, scene: Scene) -> None:
    page.emulate_media(color_scheme="light")
    scene(page, stage)
    page.evaluate(scenes.SETTLED)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    light = page.evaluate(RUN)
    page.emulate_media(color_scheme="dark")
    assert (light, page.evaluate(RUN)) == ([], [])


@pytest.mark.parametrize(
    "size",
    [(1280, 800), (768, 1024), (720, 450), (640, 400)],
    ids=["1280 px", "768 px", "1440 px at 200 %", "1280 px at 200 %"],
)
@pytest.mark.parametrize(
    "scene",
    [*PANES, scenes.the_list, scenes.chosen_sessions, scenes.the_recording],
    ids=lambda scene: scene.__name__,
)
def test_everything_has_its_place(
    browser: Browser, stage: Stage, scene: Scene, size: tuple[int, int]
) -> None:
    """Nothing sticks out of the page, and source, variables and the lists are all to be seen."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    scene(page, stage)
    assert page.evaluate(STICKS_OUT) == []
    if scene in PANES:
        for name in ("Where", "Source", "Why"):
            box = page.get_by_role("region", name=name, exact=True).bounding_box()
            assert box is not None
            assert box["width"] >= 250, name
            assert box["height"] >= 150, name
    context.close()
