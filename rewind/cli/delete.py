"""`rewind delete`: takes sessions that a person names out of the database."""

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from rewind.cli.amounts import counted
from rewind.cli.options import database_options, json_option, settings

if TYPE_CHECKING:
    from rewind.store import Session, Store


@click.command("delete")
@click.argument("names", metavar="SESSION...", nargs=-1, required=True)
@click.option("--recording", "whole", is_flag=True, help="All sessions of their recordings.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also those that run or are pinned.")
@database_options
@json_option
def command(
    names: tuple[str, ...],
    config: str | None,
    database: str | None,
    whole: bool,
    yes: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Remove each SESSION (a beginning of its id, or last) for good. Asks at a terminal.

    A session that still runs comes back, with what it records from then on. Sources and facts of a
    recording go with its last session.

    \b
      rewind delete 0198f2
      rewind delete last --recording --yes
    """
    from rewind.store import remove, writable

    with closing(writable(settings(config, database=database).database)) as store:
        found = meant(store, names, whole=whole)
        if not force:
            _refuse_kept(found)
        if not yes and sys.stdin.isatty():
            events = counted(sum(session.events for session in found), "event")
            question = f"Remove {counted(len(found), 'session')} with {events}?"
            click.confirm(question, abort=True, err=True)
        for _ in remove(store, [session.id for session in found], asked=True):
            pass
    if as_json:
        click.echo(json.dumps({"removed": [session.id for session in found]}))
    else:
        click.echo(f"removed {counted(len(found), 'session')}")


def meant(store: "Store", names: tuple[str, ...], *, whole: bool) -> "list[Session]":
    """Return each session that the names mean, once; raises `NoSuchSessionError`."""
    from rewind.store import SessionFilter, read_session, read_sessions

    named = {found.id: found for found in (read_session(store, name) for name in names)}
    if not whole:
        return list(named.values())
    recordings = dict.fromkeys(session.recording_id for session in named.values())
    return [
        session
        for recording in recordings
        for session in read_sessions(store, SessionFilter(recording=recording))
    ]


def _refuse_kept(found: "list[Session]") -> None:
    for state, those in (
        ("still running", [session for session in found if session.status == "running"]),
        ("pinned", [session for session in found if session.pinned]),
    ):
        if those:
            more = "" if len(those) == 1 else f" (and {len(those) - 1:,} more)"
            message = f"session {those[0].id} is {state}{more}: --force removes it all the same"
            raise click.ClickException(message)
