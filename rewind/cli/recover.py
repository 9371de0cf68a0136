"""`rewind recover`: finishes what a writer that died has left in the spool."""

from pathlib import Path

import click

from rewind.cli.options import database_options, settings
from rewind.errors import RewindError


@click.command("recover")
@database_options
@click.pass_context
def command(ctx: click.Context, config: str | None, database: str | None) -> None:
    """Store the recordings that wait in the spool because their writer ended early.

    Nothing is stored twice, and a recording whose writer is still at work is left to it. The exit
    code is 1 if anything has to stay.

    \b
      rewind recover
      rewind recover --database postgresql://me@host/rewind
    """
    found = settings(config, database=database)
    waiting = sorted(facts.parent for facts in found.spool.glob("*/recording.json"))
    if not waiting:
        click.echo(f"nothing waits in {found.spool}")
    stored = [_recover(folder, found.database) for folder in waiting]
    ctx.exit(0 if all(stored) else 1)


def _recover(folder: Path, database: str) -> bool:
    from rewind.writer import WriterSettings, run
    from rewind.writer.folder import RecordingFolder

    try:
        recording = RecordingFolder(folder).recording
        run(folder, WriterSettings.from_recording(database, recording.settings))
    except RewindError as error:
        click.echo(f"rewind: {folder.name} stays: {error}", err=True)
        return False
    if folder.exists():
        why = f"another writer is at it, or {folder / 'writer.log'} says why"
        click.echo(f"rewind: {folder.name} stays: {why}", err=True)
        return False
    click.echo(f"{folder.name} is stored: {' '.join(recording.argv)}")
    return True
