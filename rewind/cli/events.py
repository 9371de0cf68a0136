"""`rewind events`: the events of a session, one line each, as they are read."""

import json
import sys

import click

from rewind.cli.options import database_options, json_option, opened
from rewind.cli.screen import KIND_STYLES, Piece, Screen
from rewind.cli.sentences import Shown, sentence
from rewind.cli.times import duration

DEEPEST = 16
"""Levels of indentation at most."""

PLACE_WIDTH = 20
"""Columns for module and line; a longer place pushes its own line to the right."""


@click.command("events")
@click.argument("session")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(list(KIND_STYLES)),
    help="Only events of this kind. Repeatable.",
)
@click.option("--function", metavar="GLOB", help="Only events in such a function.")
@click.option("--variable", metavar="NAME", help="Only writes of a variable of this name.")
@click.option("--from", "first", type=click.IntRange(min=1), default=1, help="First event number.")
@click.option("--to", "last", type=click.IntRange(min=1), help="Last event number.")
@click.option("--limit", type=click.IntRange(min=1), help="How many at most.")
@database_options
@json_option
def command(
    session: str,
    config: str | None,
    database: str | None,
    as_json: bool,
    kinds: tuple[str, ...],
    function: str | None,
    variable: str | None,
    first: int,
    last: int | None,
    limit: int | None,
) -> None:
    """Print the events of SESSION in order: a beginning of its id, or last.

    \b
      rewind events last
      rewind events last --variable total
      rewind events last --function 'shop.*' --kind call --kind return
      rewind events 0198f2 --from 100 --to 200 --json
    """
    from rewind.replay import present
    from rewind.replay.events import EventQuery

    query = EventQuery(first, last, frozenset(kinds), function, variable, limit)
    with opened(config, database) as archive:
        found = archive.session(session)
        screen = Screen()
        for event in found.events(query):
            shown = present.event(found, event)
            if as_json:
                sys.stdout.write(json.dumps(shown) + "\n")
            else:
                print_event(screen, shown)


def print_event(screen: Screen, event: Shown) -> None:
    """Write one event as a line: number, time, kind, where, what happened."""
    depth = min(int(str(event["depth"])), DEEPEST)
    kind = str(event["kind"])
    screen.line(
        f"{event['n']:>7}  ",
        Piece(f"{duration(int(str(event['time_ns']))):>8}  ", "dim"),
        Piece(f"{kind:9}  ", KIND_STYLES.get(kind, "")),
        Piece(f"{event['module']}:{event['line']}".ljust(PLACE_WIDTH) + "  ", "dim"),
        "  " * max(0, depth - 1),
        sentence(event),
    )
