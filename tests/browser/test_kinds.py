"""Queries, requests, records of a log, notes and errors: on the timeline and in the lists.

Those of a real program, as the command line tells them.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import Events, Player, told
from tests.browser.processes import Recordings

SHOP = """\
import http.client
import logging
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import rewind

class Prices(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/tea" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"40")

    def log_message(self, *_):
        pass

log = logging.getLogger("shop")

def stored(database, name):
    database.execute("INSERT INTO prices VALUES (?, ?)", (name, 40))
    return database.execute("SELECT COUNT(*) FROM prices").fetchone()[0]

def asked(port, name):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/{name}")
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise LookupError(name)
    return status

def main(port):
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE prices (name TEXT, pence INTEGER)")
    for name in ("tea", "gold"):
        rewind.note("price of", name)
        try:
            asked(port, name)
            stored(database, name)
        except LookupError as error:
            log.warning("no price of %s", error)
    database.close()
    print("done")

server = HTTPServer(("127.0.0.1", 0), Prices)
thread = threading.Thread(target=server.serve_forever, args=(0.05,))
thread.start()
main(server.server_port)
server.shutdown()
thread.join()
server.server_close()
"""
NAMES = {
    "sql": "SQL",
    "http": "HTTP",
    "log": "log",
    "note": "notes",
    "output": "output",
    "exception": "errors",
}
"""What the legend calls them."""
UPPER = ("sql", "http", "log", "output")
"""Those in the upper of both rows."""
PIXEL = """([canvas, x, y]) => {
  const scale = canvas.width / canvas.clientWidth;
  const [red, green, blue] = canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}"""
COLOUR = """(name) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(--${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}"""


@pytest.fixture(scope="module")
def shop(recordings: Recordings) -> str:
    return recordings.record("a shop that asks", SHOP)


@pytest.fixture
def player(page: Page, dashboard: str, shop: str) -> Player:
    page.goto(f"{dashboard}/?q=kind:script")
    page.get_by_role("link", name=shop, exact=True).click()
    opened = Player(page)
    opened.stands_at(1)
    page.get_by_role("button", name="by time").click()
    return opened


def of_kind(events: Events, kind: str) -> Events:
    """Return the events of a kind that have a mark; an exception has one where it is first seen."""
    found = [event for event in events if event["kind"] == kind]
    return [event for event in found if "traceback" in event] if kind == "exception" else found


def place_of(player: Player, events: Events, n: int, kind: str) -> tuple[float, float]:
    """Where on the strip the mark of event `n` is, within the strip."""
    box = player.scrubber.bounding_box()
    assert box is not None
    share = (n - 1) / (len(events) - 1)
    return 16 + share * (box["width"] - 32), 6 if kind in UPPER else 17


def point_at(player: Player, x: float, y: float) -> tuple[float, float]:
    box = player.scrubber.bounding_box()
    assert box is not None
    player.page.mouse.move(box["x"] + x, box["y"] + y)
    return box["x"] + x, box["y"] + y


def said_by(event: Mapping[str, Any]) -> str:
    """Return what a hint must tell of an event."""
    value = event["value"]
    match event["kind"]:
        case "sql":
            return str(value["statement"])
        case "http":
            return f"{value['method']} {value['url']} → {value['status']}"
        case "log":
            return f"{value['level']} {value['message']}"
        case "output":
            return f"{event['name']}: {event['text']}"
        case "note":
            return f"{event['name']}: {event['text']}"
        case _:
            return str(event["text"])


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_has_its_marks_and_each_leads_to_its_moment(
    player: Player, events: Events, kind: str
) -> None:
    marked = of_kind(events, kind)
    assert marked
    for event in marked:
        mouse = point_at(player, *place_of(player, events, event["n"], kind))
        expect(player.page.locator(".hint b")).to_contain_text(said_by(event))
        player.page.mouse.click(*mouse)
        player.stands_at(event["n"])
        expect(player.marked_line).to_contain_text(event["line_text"].strip())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_errors_alone_are_red_and_marks_that_are_left_out_are_not_painted(
    player: Player, events: Events, scheme: str
) -> None:
    page = player.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    canvas = player.timeline.locator("canvas").element_handle()
    legend = page.get_by_role("group", name="Marks")
    for kind, name in NAMES.items():
        family = "exception" if kind == "exception" else "outside"
        x, y = place_of(player, events, of_kind(events, kind)[0]["n"], kind)
        colour = page.evaluate(COLOUR, family)
        painted = f"([canvas, x, y, colour]) => ({PIXEL})([canvas, x, y]) === colour"
        page.wait_for_function(painted, arg=[canvas, x, y, colour])
        total = sum(event["kind"] == kind for event in events)
        switch = legend.get_by_role("button", name=name, exact=True)
        expect(switch).to_have_attribute("title", f"{name}: {total}")
        switch.click()
        left_out = painted.replace("===", "!==")
        page.wait_for_function(left_out, arg=[canvas, x, y, colour])


def rows_of(page: Page, name: str) -> Locator:
    return page.get_by_role("listbox", name=name).get_by_role("option")


@pytest.mark.parametrize("kind", NAMES)
def test_events_of_one_kind_are_found(player: Player, events: Events, kind: str) -> None:
    player.page.get_by_role("searchbox").fill(f"kind:{kind}")
    rows = rows_of(player.page, "Found events")
    wanted = [event for event in events if event["kind"] == kind]
    expect(rows).to_have_count(len(wanted))
    found = rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.n))")
    assert found == [event["n"] for event in wanted]
    rows.last.click()
    player.stands_at(wanted[-1]["n"])


def test_the_list_keeps_to_what_the_world_outside_was_told(player: Player, events: Events) -> None:
    page = player.page
    page.get_by_role("button", name="Kinds shown").click()
    for kind in ("calls", "returns", "variables", "branches", "loops", "exceptions"):
        page.get_by_label(kind).uncheck()
    outside = [event for event in events if event["kind"] in set(NAMES) - {"exception"}]
    rows = rows_of(page, "Events")
    expect(rows).to_have_count(len(outside))
    labels = rows.evaluate_all("rows => rows.map((row) => row.ariaLabel)")
    for label, event in zip(labels, outside, strict=True):
        assert re.match(rf"{event['kind']}\b", label), label


def test_the_log_stands_among_the_output(player: Player, recordings: Recordings) -> None:
    page = player.page
    page.get_by_role("tab", name="Output").click()
    rows = rows_of(page, "Output")
    streams = ("--stream", "stdout", "--stream", "stderr", "--stream", "log")
    lines = told(recordings, page, "output", *streams)
    for stream in ("stdout", "stderr"):
        expect(rows.and_(page.locator(f"[data-stream={stream}]"))).to_have_count(
            sum(line["stream"] == stream for line in lines)
        )
    switch = page.get_by_role("group", name="Streams").get_by_role("button", name="log")
    if switch.get_attribute("aria-pressed") == "false":
        switch.click()
    logged = rows.and_(page.locator("[data-stream=log]"))
    expect(logged).to_have_count(1)
    expect(logged).to_contain_text("no price of gold")
    logged.click()
    (record,) = (line for line in lines if line["stream"] == "log")
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(record["n"]))
    expect(player.variable("name")).to_contain_text("'gold'")
