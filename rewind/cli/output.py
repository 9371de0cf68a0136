"""`rewind output`: what a session has printed."""

import json
import sys

import click

from rewind.cli.options import database_options, json_option, located, opened
from rewind.cli.screen import inert
from rewind.model.notes import STREAMS


@click.command("output")
@click.argument("session")
@click.option(
    "--stream",
    "streams",
    type=click.Choice((*STREAMS, "log")),
    multiple=True,
    help="Only what went there, or the records of logs; may be given several times.",
)
@database_options
@json_option
def command(
    session: str,
    config: str | None,
    database: str | None,
    streams: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print what SESSION has printed: a beginning of its id, last, or an exported file.

    \b
      rewind output last
      rewind output last --stream stderr
      rewind output last --stream stdout --stream log --json

    Control characters are written as escapes, so that what a program printed cannot steer the
    terminal. With --json each line comes with the event that began it, for rewind show --event.
    """
    from rewind.replay import output, tables

    session, database = located(session, database)
    with opened(config, database) as archive:
        found, wanted = archive.session(session), frozenset(streams) or output.PRINTED
        if as_json:
            for line in output.lines(found, wanted):
                sys.stdout.write(json.dumps(tables.printed_line(line)) + "\n")
            return
        text = "\n"
        for _, text in output.texts(found, wanted):
            sys.stdout.write(inert(text, kept="\n\t"))
        if not text.endswith("\n"):
            sys.stdout.write("\n")
