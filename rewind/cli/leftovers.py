"""What a writer that ended early left in the spool is stored before a command reads."""

from time import monotonic, sleep

import click

from rewind.agent.detached import start_detached
from rewind.config import Settings, database_digest
from rewind.spool.leftovers import Leftover, leftovers
from rewind.spool.lock import has_writer
from rewind.spool.reader import segments

_PATIENCE_S = 5.0
"""How long a command waits for what is left over before it answers without it."""
_POLL_S = 0.02


def finish_leftovers(found: Settings) -> None:
    """Have the recordings stored that no writer is at, and wait for those that are over.

    That is done by a process of its own, which goes on where this one has waited long enough; then
    a line on standard error says so.
    """
    left = leftovers(found.spool, database_digest(found.database))
    if not left:
        return
    start_detached(lambda: _finish(left, found.database), left[0].folder / "writer.log")
    end = monotonic() + _PATIENCE_S
    while (waiting := [one for one in left if _waits(one)]) and monotonic() < end:
        sleep(_POLL_S)
    if waiting:
        what = "a recording" if len(waiting) == 1 else f"{len(waiting)} recordings"
        text = f"rewind: {what} whose writer ended early is still being stored; ask again soon"
        click.echo(text, err=True)


def _finish(left: list[Leftover], database: str) -> None:
    # Imported over there.
    from rewind.writer.leftovers import finish

    finish(left, database)


def _waits(one: Leftover) -> bool:
    folder = one.folder
    return one.is_over and (any(True for _ in segments(folder)) or has_writer(str(folder)))
