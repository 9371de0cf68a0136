"""`rewind prune`: takes out of the database what is beyond its bounds, now."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import groupby
from time import time_ns
from typing import TYPE_CHECKING

import click

from rewind.cli.amounts import counted, size
from rewind.cli.options import database_options, json_option, resolution
from rewind.cli.screen import STATUS_STYLES, Column, Piece, Screen
from rewind.cli.sessions import unique_length
from rewind.cli.times import ago

if TYPE_CHECKING:
    from rewind.store import Doomed, Store

_COLUMNS = (
    Column("SESSION"),
    Column("STATUS"),
    Column("STARTED"),
    Column("BYTES", is_number=True),
    Column("BEYOND"),
    Column("TRIGGER"),
)


@click.command("prune")
@click.option("--max-age", metavar="AGE", help="Sessions that ended longer ago go: 12h, 30d, none.")
@click.option("--max-sessions", metavar="N", help="The oldest beyond so many go.")
@click.option(
    "--max-bytes", metavar="SIZE", help="The oldest go until the rest takes no more: 2GB, none."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@database_options
@json_option
def command(
    config: str | None, database: str | None, dry_run: bool, as_json: bool, **bounds: object
) -> None:
    """Remove the sessions that are beyond the bounds of the settings, or of these options.

    Whoever stores a recording does the same by itself. Sessions that run or are pinned stay. The
    room in the file is used for what comes next; rewind db vacuum gives it back.

    \b
      rewind prune --dry-run
      rewind prune --max-age 7d
      rewind prune --max-bytes 500MB --max-sessions none
    """
    from rewind.store import Bounds, doomed, writable

    found = resolution(config, database=database, **bounds)
    with closing(writable(found.settings.database)) as store:
        going = doomed(store, Bounds.of(found.settings))
        if not dry_run:
            _remove(store, going)
    if as_json:
        for each in going:
            click.echo(json.dumps(each._asdict()))
    else:
        _print(going, dry_run=dry_run)


def _remove(store: "Store", going: "Sequence[Doomed]") -> None:
    from rewind.store import remove

    shown, removed = sys.stderr.isatty(), 0
    for count in remove(store, [each.id for each in going]):
        removed += count
        if shown:
            sys.stderr.write(f"\rrewind: removed {removed:,} of {len(going):,} sessions\x1b[K")
            sys.stderr.flush()
    if shown:
        sys.stderr.write("\r\x1b[K")


def _print(going: "Sequence[Doomed]", *, dry_run: bool) -> None:
    screen = Screen()
    if not going:
        screen.line("nothing is beyond the bounds: rewind config shows them")
        return
    if dry_run:
        now, length = time_ns(), unique_length([each.id for each in going])
        screen.table(_COLUMNS, [_row(each, length, now) for each in going])
    told = []
    for why, group in groupby(going, key=lambda each: each.why):
        part = list(group)
        told.append(f"{counted(len(part), 'session')} beyond {why}")
    total = size(sum(each.bytes for each in going))
    screen.line(f"{'would remove' if dry_run else 'removed'} {', '.join(told)}: {total}")


def _row(each: "Doomed", length: int, now: int) -> tuple[Piece | str, ...]:
    return (
        Piece(each.id[:length], "bold"),
        Piece(each.status, STATUS_STYLES.get(each.status, "")),
        ago(each.start_ns, now),
        size(each.bytes),
        each.why,
        each.trigger,
    )
