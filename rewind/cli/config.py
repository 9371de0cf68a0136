"""`rewind config`: the settings that hold here, and where each one comes from."""

import json
from pathlib import Path

import click

from rewind.cli.options import database_options, json_option, resolution
from rewind.config import without_password
from rewind.config.settings import TABLE


@click.command("config")
@database_options
@json_option
def command(config: str | None, database: str | None, as_json: bool) -> None:
    """Show every setting, its value, and where it comes from.

    \b
    What wins: command line, environment (REWIND_<NAME>), file, default. The file is
    rewind.toml, or [tool.rewind] in pyproject.toml, in the nearest folder upwards;
    --config or REWIND_CONFIG names another one. config.example.toml documents all.
    """
    found = resolution(config, database=database)
    rows = [
        {
            "name": name,
            "value": _plain(getattr(found.settings, name)),
            "default": _plain(setting.default),
            "origin": found.origins.get(name, "default"),
            "meaning": setting.meaning,
        }
        for name, setting in TABLE.items()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    from rewind.cli.screen import Column, Piece, Screen

    Screen().table(
        (Column("SETTING"), Column("FROM"), Column("VALUE")),
        [
            (
                Piece(str(row["name"]), "bold" if row["origin"] != "default" else ""),
                Piece(str(row["origin"]), "dim" if row["origin"] == "default" else "green"),
                _shown(row["value"]),
            )
            for row in rows
        ],
    )


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    return without_password(value) if isinstance(value, str) else value


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
