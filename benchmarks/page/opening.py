"""How long it takes from an address to a page that shows a session: lists, source and variables."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser
from store.figures import Figure, at
from store.recordings import Recorded

from page.servers import dashboard

FIRST_VIEW_MS = 1000
_SEEN = """
window.seenAt = null;
const kinds = ['[role=option][data-n]', '[data-line][aria-current=step]', '[data-frame]'];
const look = () => {
  if (window.seenAt !== null) return;
  if (kinds.every((kind) => document.querySelector(kind) !== null)) {
    // The frame that paints it.
    requestAnimationFrame(() => { window.seenAt ??= performance.now(); });
  } else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def opened(
    chromium: Browser, place: Path, url: str, large: Recorded, samples: int
) -> Iterator[Figure]:
    """Yield the first view of a large session: of a new dashboard, and of one in use."""
    where = f"{large.events / 1e6:.1f}M events"
    walls, processors = [], []
    with dashboard(place, url) as server:
        for index in range(samples):
            # Each somewhere else: what was decoded for the one before does not help.
            n = 1 + index * large.events // samples
            before = server.processor_s
            walls.append(_first_view(chromium, f"{server.address}/sessions/{large.session}?n={n}"))
            processors.append((server.processor_s - before) * 1e3)
    cold, warm = walls[:1], sorted(walls[1:])
    yield Figure("first view, cold", where, 1, cold[0], cold[0], processors[0], FIRST_VIEW_MS)
    yield Figure(
        *("first view, warm", where, len(warm), at(warm, 0.5), at(warm, 0.95)),
        at(sorted(processors[1:]), 0.95),
        FIRST_VIEW_MS,
    )


def _first_view(chromium: Browser, address: str) -> float:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(_SEEN)
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.seenAt !== null", timeout=60_000)
    seen = float(page.evaluate("window.seenAt"))
    context.close()
    return seen
