"""Pictures of every page for the documentation: `python -m tests.browser.screenshots FOLDER`.

Real recordings in a real dashboard. Names of this machine are replaced in what the dashboard
answers, as they are nobody's business; nothing else is. With `--states` the folder gets every state
of every page too, light and dark, on wide, narrow and magnified screens.
"""

import platform
import shutil
import socket
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args
from urllib.parse import quote

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser import scenes
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.player import open_session
from tests.browser.processes import ROOT, Recordings, finish
from tests.browser.test_lanes import WORKERS
from tests.browser.test_tags import IMPORTS

PLACE = "/srv"
"""Where the programs lie, in the pictures."""
SIZE: ViewportSize = {"width": 1280, "height": 800}
SIZES: tuple[ViewportSize, ...] = (
    SIZE,
    {"width": 768, "height": 1024},
    {"width": 640, "height": 400},
)
"""The last is a screen of 1280 by 800, magnified to 200 %."""
ORDERS = "the day's orders"
AMENDED = "the same orders, Ada silver"
FAILS = "def pay(cart):\n    return cart['total']\n\npay({'lines': 3})\n"
TO_WEBP = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', 0.85);
}"""

Scheme = Literal["dark", "light"]
Scene = Callable[[Page, str], None]


def sessions(page: Page, dashboard: str) -> None:
    page.goto(dashboard)
    expect(page.get_by_role("row").filter(has_text=ORDERS).first).to_be_visible()


def player(page: Page, dashboard: str) -> None:
    shown = open_session(page, dashboard, ORDERS)
    shown.find("discounts", "discounts.append() → [10, 15, 15]")
    shown.variable("discounts").get_by_role("button", name="discounts", exact=True).click()
    expect(page.get_by_role("listbox", name="Values")).to_be_visible()
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("listbox", name="Output").get_by_role("option").first).to_be_visible()


def lanes(page: Page, dashboard: str) -> None:
    open_session(page, dashboard, "workers")
    page.locator(".lane-track").nth(1).click()
    expect(page.locator(".lane.own")).to_contain_text("worker 0")


def comparison(page: Page, dashboard: str) -> None:
    found = page.request.get(f"{dashboard}/api/sessions?kind=script").json()["sessions"]
    ids = {session["name"]: session["id"] for session in found}
    page.goto(f"{dashboard}/compare?one={ids[ORDERS]}&other={ids[AMENDED]}")
    expect(page.get_by_role("table").first).to_be_visible()


def recording(page: Page, dashboard: str) -> None:
    open_session(page, dashboard, "workers")
    page.get_by_role("link", name="modules").click()
    expect(page.get_by_role("table", name="Modules")).to_be_visible()


PICTURES: dict[str, tuple[Scene, Scheme]] = {
    "sessions": (sessions, "light"),
    "player-dark": (player, "dark"),
    "player-light": (player, "light"),
    "lanes": (lanes, "dark"),
    "comparison": (comparison, "light"),
    "recording": (recording, "light"),
}
"""What is shown, and in which scheme, by the picture's name."""


def main(target: Path, *options: str) -> None:
    """Make all pictures."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        recordings = _recorded(Path(folder))
        with recordings.dashboard() as dashboard:
            for name, (scene, scheme) in PICTURES.items():
                context = chromium.new_context(viewport=SIZE, color_scheme=scheme)
                shown = partial(_at_rest, scene=scene, dashboard=dashboard)
                (target / f"{name}.webp").write_bytes(_picture(context, folder, shown))
        if "--states" in options:
            _states(target / "states", chromium)
        chromium.close()


def _at_rest(page: Page, scene: Scene, dashboard: str) -> None:
    scene(page, dashboard)
    page.wait_for_load_state("networkidle")


def _staged(page: Page, scene: scenes.Scene, stage: scenes.Stage) -> None:
    scene(page, stage)


def _states(target: Path, chromium: Browser) -> None:
    target.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        recordings = _recorded(Path(folder))
        with scenes.company(recordings), recordings.dashboard() as dashboard:
            stage = scenes.Stage(dashboard, ORDERS)
            for scene, size, scheme in product(scenes.SCENES, SIZES, get_args(Scheme)):
                magnified = 2 if size["width"] < SIZE["width"] / 2 + 1 else 1
                context = chromium.new_context(
                    viewport=size, color_scheme=scheme, device_scale_factor=magnified
                )
                shown = partial(_staged, scene=scene, stage=stage)
                picture = _picture(context, folder, shown)
                name = f"{scene.__name__}-{size['width']}-{scheme}.webp"
                (target / name).write_bytes(picture)


def _recorded(folder: Path) -> Recordings:
    recordings = Recordings(folder)
    example = folder / "orders"
    shutil.copytree(ROOT / "examples" / "orders", example, ignore=shutil.ignore_patterns(".*"))
    finish(recordings.start("--name", ORDERS, "orders.py", cwd=example))
    source = example / "orders.py"
    source.write_text(source.read_text().replace("1 Ada gold", "1 Ada silver"))
    finish(recordings.start("--name", AMENDED, "orders.py", cwd=example))
    recordings.record("imports", IMPORTS)
    recordings.record("checkout", FAILS, expected=1)
    recordings.record("workers", WORKERS)
    return recordings


def _picture(context: BrowserContext, folder: str, scene: Callable[[Page], None]) -> bytes:
    page = context.new_page()
    page.route("**/api/**", lambda route: _anonymous(route, folder))
    scene(page)
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    page.evaluate(scenes.SETTLED)
    shot = b64encode(page.screenshot(animations="disabled")).decode()
    page.unroute_all(behavior="ignoreErrors")
    page.goto("about:blank")
    webp = page.evaluate(TO_WEBP, f"data:image/png;base64,{shot}")
    context.close()
    return b64decode(webp.partition(",")[2])


def _anonymous(route: Route, folder: str) -> None:
    # What the page was told of paths it asks about.
    asked = route.request.url.replace(quote(PLACE, safe=""), quote(folder, safe=""))
    answer = route.fetch(url=asked)
    text = answer.text()
    for name, instead in _names(folder):
        text = text.replace(name, instead)
    route.fulfill(response=answer, body=text)


def _names(folder: str) -> Iterator[tuple[str, str]]:
    yield folder, PLACE
    yield platform.platform(), "Linux-x86_64"
    yield f'"{socket.gethostname()}"', '"web-2"'
    yield sys.executable, "python"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
