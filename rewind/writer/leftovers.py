"""Finishing what other writers have left: recordings of the same spool, for the same database."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from rewind.config import database_digest
from rewind.errors import RewindError
from rewind.spool.leftovers import Leftover, leftovers
from rewind.writer.folder import RecordingFolder
from rewind.writer.running import run
from rewind.writer.settings import WriterSettings


def finish(left: Iterable[Leftover], database: str) -> None:
    """Store the recordings, in this process one after another, which is to have no other work.

    One whose program still runs is followed to its end, by a process of its own.
    """
    for one in sorted(left, key=lambda one: one.is_over):
        if one.is_over:
            _finish(one.folder, database)
        else:
            _aside([one], database)


def finish_aside(spool: Path, database: str) -> None:
    """Have a process of its own finish what there is in a spool. Returns at once.

    For a writer that begins, while it has one thread and nothing open.
    """
    left = leftovers(spool, database_digest(database))
    over = [one for one in left if one.is_over]
    for together in (over, *([one] for one in left if not one.is_over)):
        if together:
            _aside(together, database)


def _aside(left: list[Leftover], database: str) -> None:
    # Twice, so that it is nobody's child and its end is nobody's to notice.
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        if os.fork() == 0:
            for one in left:
                _finish(one.folder, database)
    finally:
        os._exit(0)


def _finish(folder: Path, database: str) -> None:
    try:
        settings = RecordingFolder(folder).recording.settings
        run(folder, WriterSettings.from_recording(database, settings))
    except RewindError as error:
        sys.stderr.write(f"rewind: {folder.name} stays: {error}\n")
