"""Options that several commands share, and how they become settings."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rewind.cli.leftovers import finish_leftovers
from rewind.config import EXPORT_SUFFIX, Given, Resolution, Settings, resolve

if TYPE_CHECKING:
    from rewind.replay.archive import Archive

Command = TypeVar("Command", bound=Callable[..., Any])


def database_options(command: Command) -> Command:
    """Add `--database` and `--config`, which every command that opens a database has."""
    command = click.option(
        "--config", metavar="FILE", help="Read settings from this file; see rewind config."
    )(command)
    return click.option(
        "--database",
        metavar="URL",
        help="The database: sqlite:///file.db, postgresql://user@host/name, exported.rewind.",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
"""Adds `--json`."""


def resolution(config: str | None, **options: object) -> Resolution:
    """Return the settings that hold, given those options; raises `ConfigError`.

    Where a value came from is said as the command that is being run spells it.
    """
    context = click.get_current_context()
    spelled = {each.name: each.opts[0] for each in context.command.params}
    given = [
        Given(name, value, spelled.get(name, context.command_path))
        for name, value in options.items()
        if value not in {None, ()}
    ]
    return resolve(given, config)


def settings(config: str | None, **options: object) -> Settings:
    """Return the settings that hold, given those options; raises `ConfigError`."""
    return resolution(config, **options).settings


def located(session: str, database: str | None) -> tuple[str, str | None]:
    """Return session and database, where the session may be the path of an exported file.

    Such a path stands for the newest session in it. Raises `UsageError` if both name a database.
    """
    if not session.endswith(EXPORT_SUFFIX):
        return session, database
    if database is not None:
        message = f"{session} is a database of its own: leave --database out"
        raise click.UsageError(message)
    return "last", session


def opened(config: str | None, database: str | None) -> AbstractContextManager["Archive"]:
    """Open what was recorded, for reading, in the database that options or settings name.

    What a writer that ended early left in the spool is stored before.

    Raises `ConfigError`, and `StoreError` where there is nothing to read.
    """
    from rewind.replay.archive import Archive

    found = settings(config, database=database)
    finish_leftovers(found)
    archive = Archive.open(found.database)
    tell_damage(archive.damage)
    return closing(archive)


def tell_damage(damage: Sequence[str]) -> None:
    """Say on standard error what of an exported file could not be read."""
    for line in damage:
        click.echo(f"rewind: {line}", err=True)
