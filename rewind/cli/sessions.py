"""`rewind sessions`: what was recorded, newest first."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from time import time_ns
from typing import TYPE_CHECKING

import click

from rewind.cli.options import database_options, json_option, opened, settings
from rewind.cli.screen import STATUS_STYLES, Column, Piece, Screen
from rewind.cli.times import Moment, ago, duration, nanoseconds

if TYPE_CHECKING:
    from rewind.replay.archive import Archive, SessionFilter
    from rewind.store.rows import Session

SHORTEST_ID = 8
COLUMNS = (
    Column("SESSION"),
    Column("STATUS"),
    Column("STARTED"),
    Column("DURATION", is_number=True),
    Column("EVENTS", is_number=True),
    Column("KIND"),
    Column("TRIGGER"),
    Column(""),
)


@click.command("sessions")
@click.option("--module", metavar="GLOB", help="Sessions that called a function of such a module.")
@click.option("--function", metavar="GLOB", help="Sessions that called such a function.")
@click.option("--status", type=click.Choice(list(STATUS_STYLES)), help="How the session ended.")
@click.option("--kind", metavar="KIND", help="What it is: script, module, thread, task, call, ...")
@click.option("--search", metavar="TEXT", help="Text in trigger, error, name or a function called.")
@click.option("--trace", metavar="ID", help="Requests of that trace, of all services.")
@click.option(
    "--tag",
    "tags",
    metavar="NAME[=VALUE]",
    multiple=True,
    help="Sessions that have it. Repeatable.",
)
@click.option("--service", metavar="NAME", help="Sessions of that service.")
@click.option("--after", type=Moment(), help="Started then or later: a date, a time, 2h, 3d.")
@click.option("--before", type=Moment(), help="Started before then.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most."
)
@click.option(
    "--pin", "pinned", metavar="SESSION", multiple=True, help="Never let it go. Repeatable."
)
@click.option(
    "--unpin", "unpinned", metavar="SESSION", multiple=True, help="Let it go again. Repeatable."
)
@database_options
@json_option
def command(
    config: str | None,
    database: str | None,
    as_json: bool,
    limit: int,
    after: datetime | None,
    before: datetime | None,
    module: str | None,
    function: str | None,
    status: str | None,
    kind: str | None,
    search: str | None,
    trace: str | None,
    tags: tuple[str, ...],
    service: str | None,
    pinned: tuple[str, ...],
    unpinned: tuple[str, ...],
) -> None:
    """List the sessions in the database, newest first.

    A session is one top-level piece of work: a run of a script, a thread or a task.
    Other commands take the beginning of its id, or last. One that is pinned is not removed when the
    database has reached its bounds; --pin and --unpin change that, and list what they changed.

    \b
      rewind sessions --status error --after 2h
      rewind sessions --function 'bill_*' --limit 5
      rewind sessions --trace 4bf92f3577b34da6a3ce929d0e0e4736
      rewind sessions --tag status=500 --tag method=POST
      rewind sessions --json | jq .id
      rewind sessions --pin 0198f2
    """
    if pinned or unpinned:
        _change_pins(config, database, as_json, pinned, unpinned)
        return
    from rewind.replay.archive import SessionFilter

    wanted = SessionFilter(
        status=status,
        kind=kind,
        module=module,
        function=function,
        search=search,
        trace=trace and trace.lower(),
        tags=tags,
        service=service,
        after=None if after is None else nanoseconds(after),
        before=None if before is None else nanoseconds(before),
    )
    with opened(config, database) as archive:
        # A database counts no further.
        _list(archive, wanted, min(limit, sys.maxsize), as_json)


def _list(archive: "Archive", wanted: "SessionFilter", limit: int, as_json: bool) -> None:
    found = archive.sessions(wanted, limit=limit)
    if as_json:
        _print_json(found)
    elif found:
        _print(found, archive.count(wanted))
    elif archive.count():
        click.echo("no session matches")
    else:
        click.echo("nothing is recorded yet; record something: rewind run app.py")


def _change_pins(
    config: str | None,
    database: str | None,
    as_json: bool,
    pinned: Sequence[str],
    unpinned: Sequence[str],
) -> None:
    from rewind.store import pin, read_session, writable

    with closing(writable(settings(config, database=database).database)) as store:
        # All are found before any is changed.
        wanted = {
            name: [read_session(store, each).id for each in names]
            for name, names in (("pinned", pinned), ("unpinned", unpinned))
        }
        pin(store, wanted["pinned"])
        pin(store, wanted["unpinned"], pinned=False)
        found = [read_session(store, name) for names in wanted.values() for name in names]
    if as_json:
        _print_json(found)
    else:
        _print(found, len(found))


def _print_json(found: Sequence["Session"]) -> None:
    from rewind.replay import present

    for session in found:
        click.echo(json.dumps(present.session(session)))


def _print(found: Sequence["Session"], total: int) -> None:
    screen = Screen()
    now, length = time_ns(), unique_length([session.id for session in found])
    screen.table(COLUMNS, [_row(session, length, now) for session in found])
    if total > len(found):
        screen.line(Piece(f"... and {total - len(found):,} older (--limit)", "dim"))


def _row(session: "Session", length: int, now: int) -> tuple[Piece | str, ...]:
    return (
        Piece(session.id[:length], "bold"),
        Piece(session.status, STATUS_STYLES.get(session.status, "")),
        ago(session.start_ns, now),
        "" if session.duration_ns is None else duration(session.duration_ns),
        f"{session.events:,}",
        Piece(session.kind, "dim"),
        session.trigger,
        _remark(session),
    )


def _remark(session: "Session") -> Piece:
    pinned = "pinned  " if session.pinned else ""
    text, style = session.name or "", "dim"
    if session.error_type is not None:
        message = f": {session.error_message}" if session.error_message else ""
        text, style = f"{session.error_type.removeprefix('builtins.')}{message}", "red"
    if session.dropped:
        lost = f"{session.dropped:,} events not recorded"
        text, style = f"{lost}; {text}" if text else lost, "yellow"
    return Piece(f"{pinned}{text}", style)


def unique_length(ids: Sequence[str]) -> int:
    """Return how many digits tell these ids from each other, `SHORTEST_ID` at the least."""
    ordered = sorted(ids)
    length = SHORTEST_ID
    for one, other in pairwise(ordered):
        while one != other and one[:length] == other[:length]:
            length += 1
    return length
