"""`rewind events`: the events of a session, one line each, as they are read."""

import json
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import click

from rewind.cli.options import database_options, json_option, located, opened
from rewind.cli.screen import KIND_STYLES, Piece, Screen
from rewind.cli.sentences import Shown, sentence
from rewind.cli.times import duration
from rewind.errors import FormatError

if TYPE_CHECKING:
    from rewind.replay.events import Event, EventQuery
    from rewind.replay.session import Session

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
@click.option("--value", metavar="TEXT", help="Only events that tell a value with this text in it.")
@click.option("--from", "first", type=click.IntRange(min=1), default=1, help="First event number.")
@click.option("--to", "last", type=click.IntRange(min=1), help="Last event number.")
@click.option("--limit", type=click.IntRange(min=1), help="How many at most.")
@click.option("--file", metavar="PATH", help="Only events in this file, by its path as recorded.")
@click.option("--line", type=click.IntRange(min=1), help="Only events that stand at this line.")
@click.option("--follow", is_flag=True, help="Go on as it is recorded, until the session ends.")
@database_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    session: str,
    config: str | None,
    database: str | None,
    as_json: bool,
    kinds: tuple[str, ...],
    function: str | None,
    variable: str | None,
    value: str | None,
    first: int,
    last: int | None,
    limit: int | None,
    file: str | None,
    line: int | None,
    follow: bool,
) -> None:
    """Print the events of SESSION in order: a beginning of its id, last, or an exported file.

    \b
      rewind events last
      rewind events last --variable total
      rewind events last --value 41.79
      rewind events last --function 'shop.*' --kind call --kind return
      rewind events last --file /srv/shop/orders.py --line 27
      rewind events last --kind exception --follow
      rewind events 0198f2 --from 100 --to 200 --json

    What of a damaged database cannot be read is passed over and named; the exit code is 1 then.
    """
    from rewind.replay.events import EventQuery

    if limit is not None:
        limit = min(limit, sys.maxsize)  # islice takes no more
    query = EventQuery(first, last, frozenset(kinds), function, variable, limit, file, line, value)
    session, database = located(session, database)
    damaged: list[FormatError] = []
    with opened(config, database) as archive:
        found = archive.session(session)
        coming = (
            archive.follow(found.facts.id, query=query)
            if follow
            else islice(_readable(found, query, damaged), limit)
        )
        write = _print_json if as_json else partial(print_event, Screen())
        for shown in _shown(found, coming, damaged):
            write(shown)
            if follow:
                sys.stdout.flush()
        unread = found.unread_sources
    _tell_missing(found.facts.dropped, damaged, unread)
    ctx.exit(1 if damaged or unread else 0)


def _shown(
    found: "Session", coming: "Iterable[Event]", damaged: list[FormatError]
) -> Iterator[Shown]:
    """Yield the events as they are told; of one that cannot be, the error goes into `damaged`."""
    from rewind.replay import present

    for event in coming:
        try:
            shown = present.event(found, event)
        except FormatError as error:
            damaged.append(error)
        else:
            yield shown


def _tell_missing(dropped: int, damaged: list[FormatError], unread: list[str]) -> None:
    """Say on standard error what is not among the events."""
    if dropped:
        # What reads these is told the same by `rewind show --json`.
        lost = f"rewind: {dropped:,} events of this session were not recorded"
        click.echo(lost, err=True)
    for each in damaged:
        click.echo(f"rewind: passed over: {each}", err=True)
    for path in unread:
        click.echo(f"rewind: the source of {path} cannot be read: lines are left empty", err=True)


def _readable(
    found: "Session", query: "EventQuery", damaged: list[FormatError]
) -> "Iterator[Event]":
    """Yield the events asked for; of what cannot be read, the error goes into `damaged`."""
    from rewind.replay.events import EventQuery

    n, before = query.first, len(damaged)
    try:
        for event in found.events(query):
            yield event
            n = event.n + 1
    except FormatError as error:
        whole = error
    else:
        return
    # Once more chunk by chunk from where it stopped, without asking what which chunk is about.
    for first, last in found.bounds():
        end = last if query.last is None else min(last, query.last)
        if max(first, n) > end:
            continue
        try:
            for event in found.events(EventQuery(first=max(first, n), last=end)):
                if query.wants(event.place) and query.takes(event):
                    yield event
        except FormatError as failure:
            damaged.append(failure)
    if len(damaged) == before:
        damaged.append(whole)


def _print_json(event: Shown) -> None:
    sys.stdout.write(json.dumps(event) + "\n")


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
