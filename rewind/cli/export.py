"""`rewind export`: sessions into a file that can be opened anywhere."""

import sys
from contextlib import closing
from pathlib import Path

import click

from rewind.cli.amounts import counted, size
from rewind.cli.delete import meant
from rewind.cli.options import database_options, located, settings, tell_damage
from rewind.config import EXPORT_SUFFIX


@click.command("export")
@click.argument("names", metavar="SESSION...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The file to write; its name ends in {EXPORT_SUFFIX}.",
)
@click.option("--recording", "whole", is_flag=True, help="All sessions of their recordings.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@database_options
def command(
    names: tuple[str, ...],
    output: Path,
    config: str | None,
    database: str | None,
    whole: bool,
    force: bool,
) -> None:
    """Write each SESSION (a beginning of its id, or last) into one file, to open it anywhere.

    With it go the facts of its recording, the sources as they were, and the reports. What was
    withheld stays withheld; all else is in the file, so it is as confidential as the recording.
    Every command reads such a file: in place of SESSION, where it stands for the newest one in it,
    or by --database.

    \b
      rewind export last -o bug.rewind
      rewind export 0198f2 --recording -o bug.rewind
      rewind ui bug.rewind
      rewind sessions --database bug.rewind
    """
    from rewind.store import open_store
    from rewind.store.exporting import export

    if output.suffix != EXPORT_SUFFIX:
        message = f"{output}: the name must end in {EXPORT_SUFFIX}, by which commands know it"
        raise click.UsageError(message)
    if output.exists() and not force:
        message = f"{output} is there already: --force overwrites it"
        raise click.ClickException(message)
    if len(names) == 1:
        name, database = located(names[0], database)
        names = (name,)
    with closing(open_store(settings(config, database=database).database, upgrade=False)) as store:
        tell_damage(store.damage)
        found = meant(store, names, whole=whole)
        made = export(store, [session.id for session in found], output.absolute(), _progress)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    for session in made.unfinished:
        click.echo(f"rewind: session {session} still runs: what it has so far is in", err=True)
    events = f"{counted(made.sessions, 'session')}, {counted(made.events, 'event')}"
    click.echo(f"{output}: {events}, {size(made.bytes)}; open it: rewind ui {output}")


def _progress(written: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rrewind: wrote {written:,} of {total:,} events\x1b[K")
        sys.stderr.flush()
