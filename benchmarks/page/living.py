"""How smooth a page stays that follows a session being recorded, and what its server holds."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession, Page
from store.figures import Figure, at
from store.recordings import environment

from page.servers import Dashboard, dashboard
from rewind.replay.chunks import CACHE_BYTES

LEAST_FRAMES = 50
"""A second."""
MOST_GROWTH_MB = 10
"""That the server's memory may vary by, while some hundred thousand events come in."""
FILLING_MB = CACHE_BYTES / 1e6
"""By which it may grow besides, as long as the chunks that it keeps decoded fill their bound."""
_WARM_S = 4.0
_PROGRAM = """
import sys, time

def beat(rounds):
    total = 0
    for number in range(rounds):
        total = total + number
    return total

def run(seconds, rate):
    end = time.monotonic() + seconds
    begun, done = time.monotonic(), 0
    while time.monotonic() < end:
        # Three events a round, and so many that the rate is kept whatever a sleep takes.
        due = int((time.monotonic() - begun) * rate / 3) - done
        if due > 0:
            beat(due)
            done += due
        time.sleep(0.01)

run(float(sys.argv[1]), float(sys.argv[2]))
"""
_FRAMES = """async (seconds) => {
  const times = [];
  const until = performance.now() + seconds * 1000;
  await new Promise((resolve) => {
    const frame = (now) => {
      times.push(now);
      if (now < until) requestAnimationFrame(frame); else resolve();
    };
    requestAnimationFrame(frame);
  });
  return times.slice(1).map((time, i) => time - times[i]);
}"""


class Watched(NamedTuple):
    """What was seen of a page for a while."""

    intervals: list[float]
    """Between frames, ms, the shortest first."""
    busy: float
    """Share of the time that the page's process was on a processor."""
    server_busy: float

    @property
    def frames(self) -> float:
        """A second."""
        return 1000 * len(self.intervals) / sum(self.intervals)


def lived(chromium: Browser, place: Path, rate: float, seconds: float) -> Iterator[Figure]:
    """Yield frames a second at rest and while it follows, and the server's memory meanwhile."""
    url = f"sqlite:///{place}/live.db"
    (place / "lives.py").write_text(_PROGRAM)
    with _recorded(place, url, seconds + 3 * _WARM_S, rate), dashboard(place, url) as server:
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        _open(page, server.address)
        page.get_by_role("button", name="follow").click()
        sleep(_WARM_S)
        first, memory = _last(page), [server.megabytes]
        follows = _watched(chromium, page, server, seconds / 2)
        memory.append(server.megabytes)
        sleep(seconds / 2)
        memory.append(server.megabytes)
        reached = (_last(page) - first) / seconds
        page.get_by_text("completed", exact=True).wait_for(timeout=60_000)
        rests = _watched(chromium, page, server, seconds / 2)
        page.close()
    yield _frames("frames at rest", "the same session, ended", rests)
    where = f"{reached:,.0f} events/s come in"
    yield _frames("frames while it follows", where, follows)
    for half, grown, filling in (
        ("first", memory[1] - memory[0], FILLING_MB),
        ("second", memory[2] - memory[1], 0),
    ):
        name = f"server grows, {half} half"
        yield Figure(name, where, 1, grown, grown, None, MOST_GROWTH_MB + filling, "MB")
    for what, busy in (("page", follows.busy), ("server", follows.server_busy)):
        yield Figure(f"{what} on a processor", where, 1, 100 * busy, 100 * busy, None, 100, "%")


def _frames(what: str, where: str, seen: Watched) -> Figure:
    """Told as the time between two, so that less is better: 50 a second are 20 ms."""
    mean = 1000 / seen.frames
    return Figure(
        *(what, where, len(seen.intervals), at(seen.intervals, 0.5), mean),
        *(None, 1000 / LEAST_FRAMES, "ms, p95 is the mean"),
    )


@contextmanager
def _recorded(place: Path, url: str, seconds: float, rate: float) -> Iterator[None]:
    command = ["run", "--database", url, "lives.py", str(seconds), str(rate)]
    process = subprocess.Popen(
        [sys.executable, "-m", "rewind", *command],
        cwd=place,
        env=environment(place),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    page.get_by_role("slider", name="Moment").wait_for()


def _last(page: Page) -> int:
    return int(page.get_by_role("slider", name="Moment").get_attribute("aria-valuemax") or 0)


def _watched(chromium: Browser, page: Page, server: Dashboard, seconds: float) -> Watched:
    session = chromium.new_browser_cdp_session()
    before, served, begun = _page_s(session), server.processor_s, monotonic()
    intervals = sorted(page.evaluate(_FRAMES, seconds))
    took = monotonic() - begun
    return Watched(
        intervals, (_page_s(session) - before) / took, (server.processor_s - served) / took
    )


def _page_s(session: CDPSession) -> float:
    """Return the seconds that pages were on a processor."""
    told = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(float(one["cpuTime"]) for one in told if one["type"] == "renderer")
