"""`rewind db`: the database's schema, what takes room in it, and giving that room back."""

import json
from contextlib import closing
from typing import TYPE_CHECKING

import click

from rewind.cli.amounts import counted, size
from rewind.cli.options import database_options, json_option, settings, tell_damage
from rewind.cli.screen import Column, Piece, Screen
from rewind.cli.times import local
from rewind.errors import OldDatabaseError

if TYPE_CHECKING:
    from rewind.store.statistics import Statistics


@click.group("db")
def command() -> None:
    """Look after the database.

    \b
      rewind db status
      rewind db stats
      rewind db vacuum
      rewind db upgrade --database postgresql://me@host/rewind
    """


@command.command("upgrade")
@database_options
def upgrade(config: str | None, database: str | None) -> None:
    """Bring the database to this version of Rewind; make it where there is none.

    rewind run does the same by itself, but for an older PostgreSQL database: others may record into
    that one with the older version, which then refuses to. A database that is not Rewind's, or
    newer than this version, is refused and left as it is.

    PostgreSQL needs it now and then besides, where those who record do not own the tables: it makes
    the partitions of the next two weeks (docs/postgres.md).
    """
    from rewind.store import open_store

    store = open_store(settings(config, database=database).database, upgrade=True)
    click.echo(f"{store.url} is up to date")
    store.close()


@command.command("status")
@database_options
@json_option
def status(config: str | None, database: str | None, as_json: bool) -> None:
    """Say whether the database can be used, and what it holds."""
    from rewind.store import open_store, read_status

    try:
        store = open_store(settings(config, database=database).database, upgrade=False)
    except OldDatabaseError as error:
        click.echo(json.dumps({"current": False}) if as_json else str(error))
        return
    tell_damage(store.damage)
    figures = read_status(store)
    if as_json:
        shown = {"current": True, "database": store.url, **figures._asdict()}
        click.echo(json.dumps(shown))
    else:
        click.echo(f"{store.url} is up to date: {figures.sessions:,} sessions in")
        click.echo(f"{figures.bytes:,} bytes; {figures.recording} processes record now")
    store.close()


@command.command("stats")
@database_options
@json_option
def stats(config: str | None, database: str | None, as_json: bool) -> None:
    """Tell how much of what the database holds, and which sessions take most of it."""
    from rewind.replay import present
    from rewind.store import open_store
    from rewind.store.statistics import read_statistics

    with closing(open_store(settings(config, database=database).database, upgrade=False)) as store:
        tell_damage(store.damage)
        found, url = read_statistics(store), store.url
    if as_json:
        click.echo(json.dumps(present.statistics(found, url)))
    else:
        _print(url, found)


def _print(url: str, found: "Statistics") -> None:
    screen = Screen()
    screen.line(Piece(url, "bold"))
    statuses = ", ".join(f"{count:,} {status}" for status, count in sorted(found.statuses.items()))
    pinned = f"; {found.pinned:,} pinned" if found.pinned else ""
    facts = [
        ("sessions", f"{found.sessions:,}" + (f" ({statuses}{pinned})" if statuses else "")),
        ("recordings", f"{found.recordings:,}"),
        ("processes", f"{found.processes:,}"),
        ("events", f"{found.events:,} in {counted(found.chunks, 'chunk')}"),
        ("database", size(found.bytes)),
    ]
    facts += [(f"  {part}", size(taken)) for part, taken in found.parts.items()]
    if found.bytes_per_event is not None:
        facts.append(("an event", f"{found.bytes_per_event:.2f} bytes"))
    if found.oldest_ns is not None and found.newest_ns is not None:
        facts.append(("oldest", local(found.oldest_ns)))
        facts.append(("newest", local(found.newest_ns)))
    for label, text in facts:
        screen.line(Piece(f"  {label:12}", "dim"), text)
    if found.largest:
        screen.line()
        headings = (Column("BYTES", is_number=True), Column("EVENTS", is_number=True))
        screen.table(
            (Column("LARGEST"), *headings, Column("TRIGGER")),
            [
                (each.id, size(each.bytes), f"{each.events:,}", each.trigger)
                for each in found.largest
            ],
        )


@command.command("vacuum")
@database_options
@json_option
def vacuum(config: str | None, database: str | None, as_json: bool) -> None:
    """Give the room of what was removed back.

    A SQLite file is written anew, for which as much disk as it takes must be free; what is recorded
    meanwhile waits in its spool. PostgreSQL only lets the room be used again; nobody waits for it.
    """
    from rewind.store import writable
    from rewind.store.vacuuming import vacuum as give_back

    with closing(writable(settings(config, database=database).database)) as store:
        freed, url = give_back(store), store.url
    gained = max(0, freed.before - freed.after)
    if as_json:
        click.echo(json.dumps({"database": url, **freed._asdict(), "freed": gained}))
    else:
        click.echo(
            f"{url}: {size(freed.before)} before, {size(freed.after)} now, {size(gained)} freed"
        )
