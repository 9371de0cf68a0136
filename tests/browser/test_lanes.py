"""A session's threads beside it, over the time of the clock."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.browser.player import open_session, told
from tests.browser.processes import Recordings, finish, tell

WORKERS = """\
import threading
import time

def work(n):
    total = 0
    for step in range(5):
        total += n * step
        time.sleep(0.03)
    return total

workers = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(2)]
for worker in workers:
    worker.start()
    time.sleep(0.05)
for worker in workers:
    worker.join()
"""


LISTENERS = """\
import sys
import threading

def heard(word):
    return len(word)

def work(words):
    for word in words:
        heard(word)

for line in sys.stdin:
    worker = threading.Thread(target=work, args=([line],), name=line.strip())
    worker.start()
    worker.join()
    print("heard", line.strip(), flush=True)
"""


def nanoseconds(instant: str) -> int:
    since = datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def test_a_click_on_a_thread_goes_to_it_at_that_moment(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    open_session(page, dashboard, recordings.record("workers", WORKERS))
    lanes = page.get_by_role("group", name="Sessions of the family")
    expect(lanes.get_by_role("button")).to_have_count(3)
    expect(lanes.get_by_role("button", name="script")).to_have_attribute("aria-current", "true")
    (main,) = page.request.get(f"{dashboard}/api/sessions?search=workers&kind=script").json()[
        "sessions"
    ]
    second = lanes.get_by_role("button", name="thread worker 1")
    track = second.locator(".lane-track").bounding_box()
    assert track is not None
    share = 0.6
    page.mouse.click(track["x"] + track["width"] * share, track["y"] + 4)
    expect(second).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"n=\d+"))
    events = told(recordings, page, "events")
    (facts,) = (
        each
        for each in page.request.get(f"{dashboard}/api/sessions").json()["sessions"]
        if each["id"] in page.url
    )
    # The family's time is as long as the script ran.
    time = nanoseconds(main["start"]) + share * main["duration_ns"] - nanoseconds(facts["start"])
    slack = main["duration_ns"] / track["width"]
    near = {
        max((event["n"] for event in events if event["time_ns"] <= at), default=1)
        for at in (time - slack, time, time + slack)
    }
    slider = page.get_by_role("slider", name="Moment")
    # The address tells it first.
    expect(slider).to_have_attribute("aria-valuenow", re.compile("^[1-9]"))
    assert int(slider.get_attribute("aria-valuenow") or 0) in near


def test_lanes_grow_and_come_while_the_family_runs(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    process = recordings.start("--name", "listeners", recordings.program(LISTENERS))
    tell(process, "first", until="heard first")
    page.goto(f"{dashboard}/?q=kind:script")
    page.get_by_role("link", name="listeners", exact=True).click()
    lanes = page.get_by_role("group", name="Sessions of the family")
    first = lanes.get_by_role("button", name="thread first")
    expect(first).to_be_visible()
    # It is over, and the script goes on: of the family's time it takes less and less.
    bar = first.locator(".lane-track i")
    places = [bar.evaluate("bar => bar.getBoundingClientRect().left")]
    for _ in range(3):
        page.wait_for_function(
            "([bar, before]) => bar.getBoundingClientRect().left < before",
            arg=[bar.element_handle(), places[-1]],
        )
        places.append(bar.evaluate("bar => bar.getBoundingClientRect().left"))
    tell(process, "second", until="heard second")
    expect(lanes.get_by_role("button", name="thread second")).to_be_visible()
    finish(process)
    script = lanes.get_by_role("button", name="script")
    expect(script).to_have_attribute("title", re.compile(r" \d+(\.\d+)? (ms|s) "))


def test_lanes_can_be_folded_and_stay_so(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    open_session(page, dashboard, recordings.record("more workers", WORKERS))
    lanes = page.get_by_role("group", name="Sessions of the family")
    switch = page.get_by_role("button", name="family +2")
    switch.click()
    expect(lanes).to_have_count(0)
    page.reload()
    expect(switch).to_have_attribute("aria-expanded", "false")
    expect(lanes).to_have_count(0)
    switch.click()
    lanes.get_by_role("button", name="thread worker 0").focus()
    page.keyboard.press("Enter")
    expect(lanes.get_by_role("button", name="thread worker 0")).to_have_attribute(
        "aria-current", "true"
    )


def test_a_session_without_a_family_has_no_lanes(page: Page, dashboard: str, orders: str) -> None:
    open_session(page, dashboard, orders).stands_at(1)
    expect(page.get_by_role("button", name="family")).to_have_count(0)
