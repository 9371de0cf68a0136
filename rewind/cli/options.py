"""Options that several commands share, and how they become settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rewind.config import Given, Resolution, Settings, resolve

if TYPE_CHECKING:
    from rewind.replay.archive import Archive

Command = TypeVar("Command", bound=Callable[..., Any])

SETTING_OPTIONS = {
    "enabled": "rewind run",
    "include": "--include",
    "exclude": "--exclude",
    "redact_fields": "--redact",
    "sampling_rate": "--sampling-rate",
    "max_events_per_session": "--max-events",
    "database": "--database",
    "name": "--name",
}
"""Settings that have an option, by the name of the parameter that click hands over."""


def database_options(command: Command) -> Command:
    """Add `--database` and `--config`, which every command that opens a database has."""
    command = click.option(
        "--config", metavar="FILE", help="Read settings from this file; see rewind config."
    )(command)
    return click.option(
        "--database",
        metavar="URL",
        help="The database, such as sqlite:///file.db or postgresql://user@host/name.",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
"""Adds `--json`."""


def resolution(config: str | None, **options: object) -> Resolution:
    """Return the settings that hold, given those options; raises `ConfigError`."""
    given = [
        Given(name, value, SETTING_OPTIONS[name])
        for name, value in options.items()
        if value not in {None, ()}
    ]
    return resolve(given, config)


def settings(config: str | None, **options: object) -> Settings:
    """Return the settings that hold, given those options; raises `ConfigError`."""
    return resolution(config, **options).settings


def opened(config: str | None, database: str | None) -> AbstractContextManager["Archive"]:
    """Open what was recorded, for reading, in the database that options or settings name.

    Raises `ConfigError`, and `StoreError` where there is nothing to read.
    """
    from rewind.replay.archive import Archive

    return closing(Archive.open(settings(config, database=database).database))
