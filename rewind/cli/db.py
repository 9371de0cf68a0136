"""`rewind db`: the database's schema."""

import json

import click

from rewind.cli.options import database_options, json_option, settings
from rewind.errors import OldDatabaseError


@click.group("db")
def command() -> None:
    """Look after the database.

    \b
      rewind db status
      rewind db upgrade --database postgresql://me@host/rewind
    """


@command.command("upgrade")
@database_options
def upgrade(config: str | None, database: str | None) -> None:
    """Bring the database to this version of Rewind; make it where there is none.

    rewind run does the same by itself. A database that is not Rewind's, or newer than this
    version, is refused and left as it is.
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
    figures = read_status(store)
    if as_json:
        shown = {"current": True, "database": store.url, **figures._asdict()}
        click.echo(json.dumps(shown))
    else:
        click.echo(f"{store.url} is up to date: {figures.sessions:,} sessions in")
        click.echo(f"{figures.bytes:,} bytes; {figures.recording} processes record now")
    store.close()
