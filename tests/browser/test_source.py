"""The source pane with a file of 20,000 lines: found in, scrolled through, copied from."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player, open_session
from tests.browser.processes import Recordings, finish

FUNCTION = """\
def function_{n}(value):
    # a comment, number {n}
    result = value + {n} if value else 'text {n}'
    return result
"""
FUNCTIONS = 5_000
LINES = 4 * FUNCTIONS + 2
CALLS = f"first = function_0(1)\nlast = function_{FUNCTIONS - 1}(1)\n"
MOST_ROWS = 100


@pytest.fixture(scope="module")
def long_file(recordings: Recordings) -> str:
    source = "".join(FUNCTION.format(n=n) for n in range(FUNCTIONS)) + CALLS
    return recordings.record("a long file", source)


@pytest.fixture
def player(page: Page, dashboard: str, long_file: str) -> Player:
    opened = open_session(page, dashboard, long_file)
    opened.stands_at(1)
    opened.press("End")
    expect(opened.marked_line).to_contain_text(CALLS.splitlines()[-1])
    expect(page.locator(f"[data-line='{LINES}'] .py-plain").first).to_be_visible()
    return opened


def test_words_are_found_anywhere_in_the_file(player: Player) -> None:
    page = player.page
    page.keyboard.press("Control+f")
    page.keyboard.type("number 40")
    places = page.get_by_role("search").filter(has_text="find in file").get_by_role("status")
    wanted = [n for n in range(FUNCTIONS) if str(n).startswith("40")]
    # Nothing is found below the current line, so it goes on at the top.
    expect(places).to_have_text(f"1 of {len(wanted)}")
    sought = page.locator(".line.sought")
    steps = ((wanted[0], "Enter"), (wanted[1], "Shift+Enter"), (wanted[0], "Shift+Enter"))
    for n, key in (*steps, (wanted[-1], "Enter"), (wanted[0], "Enter")):
        expect(sought).to_have_attribute("data-line", str(4 * n + 2))
        expect(sought).to_be_in_viewport()
        expect(sought.locator(".hit")).to_have_text("number 40")
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(places).to_have_count(0)
    expect(player.marked_line).to_be_in_viewport()
    expect(page.locator(".hit")).to_have_count(0)


def test_only_visible_lines_exist(player: Player) -> None:
    lines = player.page.locator(".code [data-line]")
    assert 0 < lines.count() < MOST_ROWS
    player.page.locator(".code").evaluate("code => code.scrollTop = 10_000 * 21")
    expect(lines.first).to_have_attribute("data-line", "10001")
    assert 0 < lines.count() < MOST_ROWS


def test_the_source_is_as_it_was_when_it_was_recorded(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    before = "def rate():\n    return 'as recorded'\n\nrate()\n"
    program = recordings.program(before)
    finish(recordings.start("--name", "edited since", program))
    recordings.folder.joinpath(program).write_text("raise SystemExit('edited')\n")
    player = open_session(page, dashboard, "edited since")
    player.stands_at(1)
    lines = page.locator(".code [data-line] code")
    expect(lines).to_have_text(before.split("\n")[:4])
    coloured = page.locator(".code .py-string")
    expect(coloured).to_have_text("'as recorded'")


def test_lines_are_copied_as_they_were_written(player: Player) -> None:
    page = player.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first, last = LINES - 5, LINES - 2
    start, end = (page.locator(f"[data-line='{n}'] code").bounding_box() for n in (first, last))
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 1, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 1, end["y"] + 8, steps=5)
    page.mouse.up()
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == FUNCTION.format(n=FUNCTIONS - 1).rstrip("\n")
