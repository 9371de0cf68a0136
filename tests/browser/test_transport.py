"""Every way to move that a button or a key is, held against what the command line tells."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Events, Player, open_session, told
from tests.browser.processes import Recordings, finish

ECHO = """\
import sys

def heard(word):
    return len(word)

for word in sys.stdin:
    heard(word.strip())
"""


def test_exceptions_are_gone_through_both_ways(player: Player, events: Events) -> None:
    raised = [event["n"] for event in events if "traceback" in event]
    assert len(raised) > 1
    for n in raised:
        player.press("Next exception")
        player.stands_at(n)
    expect(player.page.get_by_role("button", name="Next exception")).to_be_disabled()
    for n in reversed(raised[:-1]):
        player.page.keyboard.press("E")
        player.stands_at(n)
    expect(player.page.get_by_role("button", name="Previous exception")).to_be_disabled()
    player.page.keyboard.press("e")
    player.stands_at(raised[1])


def test_step_out_leads_to_either_end_of_a_call(player: Player, events: Events) -> None:
    named = [event for event in events if event["function"] == "bill_for"]
    frame = next(event["n"] for event in named if event["kind"] == "call")
    of_call = [event["n"] for event in named if event["frame"] == frame]
    inside, end = of_call[3], of_call[-1]
    player.go_to(inside)
    player.press("Step out, back")
    player.stands_at(frame - 1)
    expect(player.stack).to_have_text(["main", "__main__"])
    player.go_to(inside)
    player.page.keyboard.press("Shift+ArrowDown")
    player.stands_at(end + 1)
    expect(player.stack).to_have_text(["main", "__main__"])


def test_a_number_that_is_written_is_gone_to(player: Player) -> None:
    page = player.page
    field = page.get_by_label("Event number")
    field.fill("77")
    field.press("Enter")
    player.stands_at(77)
    expect(field).to_have_value("77")
    page.keyboard.press("g")
    page.keyboard.type("1,000,000")
    page.keyboard.press("Enter")
    player.stands_at(player.last)
    field.fill("not a number")
    field.press("Enter")
    player.stands_at(player.last)
    page.go_back()
    player.stands_at(77)


def test_both_ends_are_a_key_away(player: Player) -> None:
    player.page.keyboard.press("End")
    player.stands_at(player.last)
    player.page.keyboard.press("Home")
    player.stands_at(1)


@pytest.mark.parametrize("speed", ["0.25", "0.5", "1", "2", "4", "8"])
def test_it_plays_as_fast_as_it_is_told(player: Player, speed: str) -> None:
    page = player.page
    page.get_by_label("speed").select_option(speed)
    page.keyboard.press("Space")
    begun = page.evaluate("performance.now()")
    wanted = 3 if float(speed) < 1 else 12
    page.wait_for_function(
        f"() => Number(document.querySelector('[role=slider]').ariaValueNow) > {wanted}"
    )
    took = page.evaluate("performance.now()") - begun
    player.press("Pause")
    # Five events a second; a machine that has other work is slower, and none is faster.
    assert took >= (wanted - 1) / (5 * float(speed)) * 1000 * 0.9


def test_a_reader_who_steps_is_told_how_far_behind_they_are(
    page: Page, dashboard: str, recordings: Recordings
) -> None:
    process = recordings.start("--name", "goes ahead", recordings.program(ECHO))
    assert process.stdin is not None
    process.stdin.write("first\n")
    process.stdin.flush()
    player = open_session(page, dashboard, "goes ahead")
    follow = page.get_by_role("button", name="follow")
    # A session that runs is followed until the reader moves.
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(follow).to_have_text("follow")
    player.press("Step back")
    expect(follow).to_have_attribute("aria-pressed", "false")
    expect(follow).to_contain_text("1 behind")
    at, last = player.position, player.last
    process.stdin.write("second\nthird\n")
    process.stdin.flush()
    expect(player.scrubber).not_to_have_attribute("aria-valuemax", str(last))
    expect(player.scrubber).to_have_attribute("aria-valuenow", str(at))
    page.wait_for_function(
        """(follow) => {
          const { ariaValueMax: last, ariaValueNow: at } = document.querySelector('[role=slider]');
          return follow.innerText.includes(`${last - at} behind`);
        }""",
        arg=follow.element_handle(),
    )
    follow.click()
    finish(process)
    events = told(recordings, page, "events")
    player.stands_at(events[-1]["n"])
