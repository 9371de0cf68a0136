"""Every page in every state that a person may meet it in, for what looks at all of them."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Page, Route, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings, finish

FAMILY = "a family for everybody"
TABLES = """\
import rewind

def load(name):
    return len(name)

for name in ("sales", "stock", "staff"):
    with rewind.session(f"load of {name}", of=name):
        load(name)
"""
LISTENS = "listens to words"
ECHO = """\
import sys

def heard(word):
    print("heard", word, flush=True)
    return len(word)

for word in sys.stdin:
    heard(word.strip())
"""
WIDE = "a wide range of values"
VALUES = """\
class Card:
    def __init__(self, number, holder):
        self.number = number
        self.card_token = "tok-4711"
        self.holder = holder

def pay(card, amounts, note):
    total = 0
    for amount in amounts[:4]:
        total += amount
    return total

pay(Card("4711", "Ada"), list(range(5_000)), "word " * 2_000)
"""

SETTLED = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
  .map((one) => one.finished)).then(() => {})"""
"""Whatever fades in is there."""


@dataclass(frozen=True)
class Stage:
    """What the scenes show: a dashboard, and the names of sessions that it has."""

    dashboard: str
    orders: str


Scene = Callable[[Page, Stage], None]


@contextmanager
def company(recordings: Recordings) -> Iterator[subprocess.Popen[str]]:
    """Record what scenes show beside the orders; a program listens while the block lasts."""
    recordings.record(FAMILY, TABLES)
    recordings.record(WIDE, VALUES)
    listens = recordings.start("--name", LISTENS, recordings.program(ECHO))
    assert listens.stdin is not None
    listens.stdin.write("one\ntwo\nthree\n")
    listens.stdin.flush()
    yield listens
    finish(listens)


def _fails(route: Route) -> None:
    message = "The database is locked by another process."
    route.fulfill(status=503, json={"error": {"slug": "database", "message": message}})


def _waits(_: Route) -> None:
    """Never answers."""


def _is_empty(route: Route) -> None:
    route.fulfill(json={"sessions": [], "total": 0})


SESSIONS = re.compile(r"/api/sessions\?")
MOMENTS = re.compile(r"/api/sessions/\w+/moment\?")
SOCKET = re.compile(r"/socket\.io/")


def _without_connection(page: Page) -> None:
    page.route_web_socket(SOCKET, lambda socket: socket.close())
    page.route(SOCKET, lambda route: route.abort())


# The list


def the_list(page: Page, stage: Stage, words: str = "") -> None:
    """Show the list, or what of it matches: only rows on the screen are there at all."""
    page.goto(f"{stage.dashboard}/?q={quote(words)}" if words else stage.dashboard)
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def an_empty_list(page: Page, stage: Stage) -> None:
    page.route(SESSIONS, _is_empty)
    page.goto(stage.dashboard)
    expect(page.get_by_text("Nothing was recorded yet")).to_be_visible()


def no_session_that_matches(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/?q=status:crashed+nothing")
    expect(page.get_by_role("heading", name="No session matches")).to_be_visible()


def a_list_on_its_way(page: Page, stage: Stage) -> None:
    page.route(SESSIONS, _waits)
    page.goto(stage.dashboard)
    expect(page.get_by_text("Reading the sessions")).to_be_visible()


def a_list_that_cannot_be_read(page: Page, stage: Stage) -> None:
    page.route(SESSIONS, _fails)
    page.goto(stage.dashboard)
    expect(page.get_by_role("button", name="try again")).to_be_visible()


def a_list_that_is_stale(page: Page, stage: Stage) -> None:
    the_list(page, stage)
    page.route(SESSIONS, _fails)
    page.get_by_label("status").select_option("completed")
    page.get_by_label("status").select_option("")
    expect(page.get_by_role("alert")).to_contain_text("locked")


def a_list_without_connection(page: Page, stage: Stage) -> None:
    _without_connection(page)
    the_list(page, stage)
    expect(page.get_by_text("not connected")).to_be_visible()


def chosen_sessions(page: Page, stage: Stage) -> None:
    the_list(page, stage, "status:completed")
    for row in range(2):
        page.get_by_label(re.compile("^Choose ")).nth(row).check()
    expect(page.get_by_role("link", name="compare")).to_be_visible()


def a_doubt(page: Page, stage: Stage) -> None:
    chosen_sessions(page, stage)
    page.get_by_role("button", name="delete…").click()
    expect(page.get_by_role("button", name="keep")).to_be_focused()


def the_keys_of_the_list(page: Page, stage: Stage) -> None:
    the_list(page, stage)
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


# The player


def _the_beginning(page: Page, stage: Stage) -> Player:
    player = open_session(page, stage.dashboard, stage.orders)
    # On a magnified page the lists are further down.
    expect(player.stack.first).to_be_visible()
    return player


def the_player(page: Page, stage: Stage) -> None:
    player = open_session(page, stage.dashboard, stage.orders)
    player.find("gross", "gross = 1800")


def a_print_and_watches(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.get_by_label("Watch an expression").fill("order.customer")
    page.keyboard.press("Enter")
    expect(page.locator("[data-watch]")).to_contain_text("Customer")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("table", name="Hits").locator("[data-n]").first).to_be_visible()


def a_print_that_cannot_be(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.keyboard.press("p")
    page.get_by_label("print", exact=True).fill("gross, exit()")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing is called here")


def a_history(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.locator("[data-variable=gross]").get_by_role("button", name="gross").click()
    expect(page.get_by_role("listbox", name="Values").get_by_role("option").first).to_be_visible()


def the_errors(page: Page, stage: Stage) -> None:
    player = open_session(page, stage.dashboard, stage.orders)
    player.press("Next exception")
    page.get_by_role("tab", name="Errors").click()
    expect(page.get_by_role("region", name="Way of the exception")).to_contain_text("raised in")


def the_calls(page: Page, stage: Stage) -> None:
    open_session(page, stage.dashboard, stage.orders)
    page.get_by_role("tab", name="Calls").click()
    expect(page.get_by_role("treeitem").first).to_be_visible()


def the_output(page: Page, stage: Stage) -> None:
    player = open_session(page, stage.dashboard, stage.orders)
    player.press("Next exception")
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("listbox", name="Output").get_by_role("option").first).to_be_visible()


def what_was_found(page: Page, stage: Stage) -> None:
    _the_beginning(page, stage)
    page.get_by_role("searchbox").fill("SPRING")
    expect(page.get_by_role("listbox", name="Found events")).to_be_visible()


def nothing_found(page: Page, stage: Stage) -> None:
    _the_beginning(page, stage)
    page.get_by_role("searchbox").fill("nothing is called so")
    expect(page.get_by_text("No event matches.")).to_be_visible()


def values_that_are_left_out(page: Page, stage: Stage) -> None:
    player = open_session(page, stage.dashboard, WIDE)
    player.find("total", "total = 1")
    page.get_by_role("button", name="Unfold card").click()
    expect(page.locator(".tag.redacted")).to_be_visible()


def the_kinds(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.get_by_role("button", name="Kinds shown").click()
    page.get_by_label("branches").uncheck()


def a_search_in_the_source(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.keyboard.press("Control+f")
    page.keyboard.type("order")
    expect(page.locator(".line.sought")).to_be_visible()


def a_search_without_hits(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.keyboard.press("Control+f")
    page.keyboard.type("nowhere")
    expect(page.get_by_label("find in file")).to_have_value("nowhere")
    expect(page.get_by_text("none", exact=True)).to_be_visible()


def the_jump_field(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    page.keyboard.press("g")
    expect(page.get_by_label("Event number")).to_be_focused()


def a_focus(page: Page, stage: Stage) -> None:
    the_player(page, stage)
    for key in ("z", "z", "f"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="No focus")).to_be_visible()


def the_family(page: Page, stage: Stage) -> None:
    """Three sessions with tags, and the one that they are within."""
    page.goto(f"{stage.dashboard}/?q=kind:session")
    page.get_by_role("link", name=FAMILY, exact=True).first.click()
    lanes = page.get_by_role("group", name="Sessions of the family")
    expect(lanes.get_by_role("button")).to_have_count(4)
    lanes.get_by_role("button").nth(1).focus()


def one_who_follows(page: Page, stage: Stage) -> None:
    player = open_session(page, stage.dashboard, LISTENS)
    expect(page.get_by_role("button", name="follow")).to_have_attribute("aria-pressed", "true")
    expect(player.stack.first).to_be_visible()


def one_who_is_behind(page: Page, stage: Stage) -> None:
    one_who_follows(page, stage)
    for key in ("ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="follow")).to_contain_text("2 behind")


def the_keys(page: Page, stage: Stage) -> None:
    _the_beginning(page, stage)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def a_player_without_connection(page: Page, stage: Stage) -> None:
    _without_connection(page)
    the_player(page, stage)
    expect(page.get_by_text("not connected")).to_be_visible()


def a_player_on_its_way(page: Page, stage: Stage) -> None:
    the_list(page, stage, stage.orders)
    page.route(re.compile(r"/api/sessions/"), _waits)
    page.get_by_role("link", name=stage.orders, exact=True).first.click()
    expect(page.get_by_text("Reading the moment")).to_be_visible()


def a_moment_that_cannot_be_read(page: Page, stage: Stage) -> None:
    player = _the_beginning(page, stage)
    page.route(MOMENTS, _fails)
    player.press("End")
    expect(page.get_by_role("alert")).to_contain_text("locked")


def a_session_that_is_unknown(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/sessions/{'f' * 32}")
    expect(page.get_by_role("heading", name="This session is not known")).to_be_visible()


# Other pages


def the_recording(page: Page, stage: Stage) -> None:
    _the_beginning(page, stage)
    page.get_by_title("What was recorded of each module").click()
    expect(page.get_by_role("table", name="Modules").get_by_role("row").first).to_be_visible()


def a_recording_on_its_way(page: Page, stage: Stage) -> None:
    page.route(re.compile(r"/api/recordings/"), _waits)
    page.goto(f"{stage.dashboard}/recordings/{'f' * 32}")
    expect(page.get_by_text("Reading the recording")).to_be_visible()


def a_recording_that_is_unknown(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/recordings/{'f' * 32}")
    expect(page.get_by_role("heading", name="The recording cannot be read")).to_be_visible()


def the_comparison(page: Page, stage: Stage) -> None:
    chosen_sessions(page, stage)
    page.get_by_role("link", name="compare").click()
    second = page.get_by_role("region", name="Second session")
    expect(second.locator(".row.on")).to_be_visible()


def a_comparison_that_cannot_be(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/compare?one={'e' * 32}&other={'f' * 32}")
    expect(page.get_by_role("heading", name="The sessions cannot be compared")).to_be_visible()


def an_address_that_is_unknown(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/no/where")
    expect(page.get_by_role("heading")).to_be_visible()


SCENES: tuple[Scene, ...] = (
    the_list,
    an_empty_list,
    no_session_that_matches,
    a_list_on_its_way,
    a_list_that_cannot_be_read,
    a_list_that_is_stale,
    a_list_without_connection,
    chosen_sessions,
    a_doubt,
    the_keys_of_the_list,
    the_player,
    a_print_and_watches,
    a_print_that_cannot_be,
    a_history,
    the_errors,
    the_calls,
    the_output,
    what_was_found,
    nothing_found,
    values_that_are_left_out,
    the_kinds,
    a_search_in_the_source,
    a_search_without_hits,
    the_jump_field,
    a_focus,
    the_family,
    one_who_follows,
    one_who_is_behind,
    the_keys,
    a_player_without_connection,
    a_player_on_its_way,
    a_moment_that_cannot_be_read,
    a_session_that_is_unknown,
    the_recording,
    a_recording_on_its_way,
    a_recording_that_is_unknown,
    the_comparison,
    a_comparison_that_cannot_be,
    an_address_that_is_unknown,
)

PANES = (the_player, a_print_and_watches, the_errors, the_output, what_was_found, the_family)
"""Those in which lists, source and variables are all to be seen."""
