"""Recordings that no writer is at: theirs was killed, or the machine went down.

Whoever comes by next finishes them: a command, or the writer of the next recording. Looks at files
only and imports nothing of the writer's, as every command asks.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Final, NamedTuple

from rewind.spool.lock import had_writer, has_writer
from rewind.spool.process import is_alive
from rewind.spool.reader import segment_names

_COMING_UP_S: Final = 10.0
"""How long a writer may take to come up and lock its file."""


class Leftover(NamedTuple):
    """A recording in the spool without a writer."""

    folder: Path
    is_over: bool
    """Whether all its processes have ended, so that it can be stored whole at once."""


def leftovers(spool: Path, digest: str) -> list[Leftover]:
    """Return those in which something waits for the database of that digest, oldest first.

    A recording that does not say which database it is meant for is left to `rewind recover`.
    """
    found = (facts.parent for facts in sorted(spool.glob("*/recording.json")))
    return [left for folder in found for left in _left(folder, digest)]


def _left(folder: Path, digest: str) -> Iterator[Leftover]:
    try:
        path = folder / "recording.json"
        facts = json.loads(path.read_bytes())
        is_theirs = facts.get("database") == digest
        is_new = time() - path.stat().st_mtime < _COMING_UP_S and not had_writer(str(folder))
        launcher = (int(facts["launcher"]["pid"]), int(facts["launcher"]["start_ticks"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return
    if not is_theirs or is_new or has_writer(str(folder)):
        return
    places = {name[:2] for name in segment_names(folder)}
    if places:
        yield Leftover(folder, not any(is_alive(*place) for place in {launcher, *places}))
