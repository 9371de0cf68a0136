"""`rewind sessions`: what was recorded, newest first."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from time import time_ns
from typing import TYPE_CHECKING

import click

from rewind.cli.options import database_options, json_option, opened
from rewind.cli.screen import STATUS_STYLES, Column, Piece, Screen
from rewind.cli.times import Moment, ago, duration

if TYPE_CHECKING:
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
@click.option("--after", type=Moment(), help="Started then or later: a date, a time, 2h, 3d.")
@click.option("--before", type=Moment(), help="Started before then.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most."
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
) -> None:
    """List the sessions in the database, newest first.

    A session is one top-level piece of work: a run of a script, a thread or a task.
    Other commands take the beginning of its id, or last.

    \b
      rewind sessions --status error --after 2h
      rewind sessions --function 'bill_*' --limit 5
      rewind sessions --json | jq .id
    """
    from rewind.replay import present
    from rewind.replay.archive import SessionFilter

    wanted = SessionFilter(
        status=status,
        kind=kind,
        module=module,
        function=function,
        search=search,
        after=_nanoseconds(after),
        before=_nanoseconds(before),
    )
    with opened(config, database) as archive:
        found = archive.sessions(wanted, limit=limit)
        if as_json:
            for session in found:
                click.echo(json.dumps(present.session(session)))
            return
        if found:
            _print(found, archive.count(wanted))
        elif archive.count():
            click.echo("no session matches")
        else:
            click.echo("nothing is recorded yet; record something: rewind run app.py")


def _nanoseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1e6) * 1000


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
    if session.error_type is not None:
        message = f": {session.error_message}" if session.error_message else ""
        return Piece(f"{session.error_type.removeprefix('builtins.')}{message}", "red")
    return Piece(session.name or "", "dim")


def unique_length(ids: Sequence[str]) -> int:
    """Return how many digits tell these ids from each other, `SHORTEST_ID` at the least."""
    ordered = sorted(ids)
    length = SHORTEST_ID
    for one, other in pairwise(ordered):
        while one != other and one[:length] == other[:length]:
            length += 1
    return length
