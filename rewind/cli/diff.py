"""`rewind diff`: where two sessions first say something different."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from rewind.cli.amounts import counted
from rewind.cli.events import print_event
from rewind.cli.options import database_options, json_option, located, opened
from rewind.cli.screen import Screen

if TYPE_CHECKING:
    from rewind.replay.difference import Comparison
    from rewind.replay.session import Session

_DIFFERENT = 1


@click.command("diff")
@click.argument("session")
@click.argument("other")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many differences at most.",
)
@database_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    session: str,
    other: str,
    limit: int,
    config: str | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Compare SESSION with OTHER: beginnings of their ids, last, or exported files.

    \b
      rewind diff 0198f2 last
      rewind diff 0198f2 0198f7 --limit 5
      rewind diff before.rewind after.rewind --json

    Identities, times and the numbers of lines do not count. A further difference is looked for from
    where both take the same steps again. As with diff, the exit code is 1 where there is one.
    """
    session, database_of_it = located(session, database)
    other, database_of_other = located(other, database)
    with opened(config, database_of_it) as archive, opened(config, database_of_other) as theirs:
        one, compared = archive.session(session), theirs.session(other)
        screen, found = Screen(), 0
        for comparison in _comparisons(one, compared, limit):
            found += comparison.difference is not None
            told = _told(one, compared, comparison)
            if as_json:
                sys.stdout.write(json.dumps(told) + "\n")
            else:
                _print(screen, told)
    ctx.exit(_DIFFERENT if found else 0)


def _comparisons(one: "Session", other: "Session", limit: int) -> Iterator["Comparison"]:
    """Yield what each stretch of events up to a difference comes to; the last may be without."""
    from rewind.replay.difference import BEGIN, Pair, difference

    begin: Pair | None = BEGIN
    for _ in range(limit):
        if begin is None:
            return
        same, comparison = 0, difference(one, other, begin)
        while comparison.next is not None:
            same += comparison.same
            comparison = difference(one, other, comparison.next)
        yield comparison._replace(same=same + comparison.same)
        found = comparison.difference
        begin = None if found is None else found.joins


def _told(one: "Session", other: "Session", comparison: "Comparison") -> dict[str, object]:
    from rewind.replay import present, tables

    found = comparison.difference
    sides = ((one, found and found.n), (other, found and found.other))
    events = [None if n is None else present.event(of, of.event(n)) for of, n in sides]
    return {**tables.comparison(comparison), "event": events[0], "with_event": events[1]}


def _print(screen: Screen, told: dict[str, object]) -> None:
    found = told["difference"]
    same = counted(int(str(told["same"])), "event")
    if not isinstance(found, dict):
        screen.line(f"{same} say the same, then both end")
        return
    screen.line(f"{same} say the same, then {_PARTINGS[str(found['what'])]}")
    for event in (told["event"], told["with_event"]):
        if isinstance(event, dict):
            print_event(screen, event)
        else:
            screen.line("      -  no more events")


_PARTINGS = {
    "value": "the same step tells another value",
    "step": "they take different steps",
    "end": "one has no more events",
}
