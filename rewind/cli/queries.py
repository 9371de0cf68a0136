"""`rewind queries`: what a session has asked of databases."""

import json
from typing import TYPE_CHECKING

import click

from rewind.cli.options import database_options, json_option, located, opened
from rewind.cli.screen import Column, Piece, Screen
from rewind.cli.times import duration

if TYPE_CHECKING:
    from rewind.replay.queries import Query

_COLUMNS = (
    Column("TIMES", is_number=True),
    Column("DURATION", is_number=True),
    Column("EVENT", is_number=True),
    Column("WHERE"),
    Column("STATEMENT"),
    Column(""),
)


@click.command("queries")
@click.argument("session")
@database_options
@json_option
def command(session: str, config: str | None, database: str | None, as_json: bool) -> None:
    """List the SQL statements of SESSION: a beginning of its id, last, or an exported file.

    Each statement stands once, the ones that took longest first, with how often it ran. One that
    ran again and again below the same call is marked: there, one statement may do for all.

    \b
      rewind queries last
      rewind queries last --json
    """
    from rewind.replay import tables
    from rewind.replay.queries import queries

    session, database = located(session, database)
    with opened(config, database) as archive:
        found = queries(archive.session(session))
        if as_json:
            for query in found:
                click.echo(json.dumps(tables.query(query)))
        elif found:
            Screen().table(_COLUMNS, map(_row, found))
        else:
            click.echo("it has told of no statement of SQL")


def _row(query: "Query") -> tuple[Piece | str, ...]:
    scope, repeated = query.first.place.scope, ""
    if query.frame is not None:
        repeated = f"{query.repeated} times below {query.frame.opened.scope.function.qualname}"
    return (
        f"{query.times:,}",
        duration(query.duration_ns),
        f"{query.first.n}",
        Piece(f"{scope.function.qualname}:{query.first.line}", "dim"),
        " ".join(query.statement.split()),
        Piece(repeated, "yellow"),
    )
