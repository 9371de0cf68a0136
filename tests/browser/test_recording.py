"""The page that tells what was recorded of each module, held against the recording."""

import pytest
from playwright.sync_api import Page, expect

from rewind.replay.archive import Archive, SessionFilter
from tests.browser.player import open_session
from tests.browser.processes import Recordings
from tests.browser.test_access import AXE, RUN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_module_is_told_with_what_became_of_it(
    page: Page, dashboard: str, orders: str, recordings: Recordings, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_session(page, dashboard, orders).stands_at(1)
    page.get_by_title("What was recorded of each module").click()
    rows = page.get_by_role("table", name="Modules").get_by_role("row")
    expect(rows.first).to_be_visible()
    archive = Archive.open(recordings.database)
    (facts,) = (facts for facts in archive.sessions() if facts.name == orders)
    modules = archive.instrumentation(facts.recording_id).modules
    archive.close()
    shown = {row.get_attribute("data-module") for row in rows.all()}
    assert {module.name for module in modules} <= shown
    assert page.url.endswith(f"/recordings/{facts.recording_id}")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN) == []
    page.reload()
    expect(rows.first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name=orders)).to_be_visible()


FORKS = """\
import os

def work(n):
    return n * 2

if os.fork() == 0:
    work(1)
    os._exit(0)
os.wait()
work(2)
"""


def test_processes_stand_below_those_that_started_them(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    open_session(page, dashboard, recordings.record("forks", FORKS))
    page.get_by_title("What was recorded of each module").click()
    rows = page.get_by_role("table", name="Processes").get_by_role("row")
    expect(rows).to_have_count(2)
    archive = Archive.open(recordings.database)
    (facts,) = (each for each in archive.sessions() if each.name == "forks" and not each.parent_id)
    recorded = archive.recording(facts.recording_id)
    sessions = archive.count(SessionFilter(recording=facts.recording_id))
    archive.close()
    assert recorded is not None
    child, parent = sorted(recorded.processes, key=lambda process: process.ppid != facts.pid)
    expect(rows.nth(0)).to_have_attribute("data-process", str(parent.pid))
    expect(rows.nth(1)).to_have_attribute("data-process", str(child.pid))
    page.get_by_role("link", name="its sessions").click()
    expect(page.get_by_role("searchbox")).to_have_value(f"recording:{facts.recording_id}")
    listed = page.locator("[data-session]")
    expect(listed).to_have_count(sessions)
    expect(listed.first).to_contain_text("forks")
    for row in listed.all()[1:]:
        expect(row).to_contain_text("__main__.work")


def test_an_unknown_recording_says_so_and_leads_back(page: Page, dashboard: str) -> None:
    page.goto(f"{dashboard}/recordings/{'f' * 32}")
    expect(page.get_by_role("heading", name="The recording cannot be read")).to_be_visible()
    page.get_by_role("link", name="All sessions").click()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
