"""Whether a recording has a writer: it holds a lock on a file for as long as it lives."""

import fcntl
import os
from os import O_CLOEXEC, O_RDONLY, close
from os import open as open_file
from typing import Final

LOCK: Final = "writer.lock"

# Bound now: a program may put something else in its place.
_flock = fcntl.flock
_exists = os.path.lexists


def has_writer(folder: str) -> bool:
    """Return whether a writer is at work in a recording's folder, in whatever container it runs."""
    try:
        descriptor = open_file(f"{folder}/{LOCK}", O_RDONLY | O_CLOEXEC)
    except OSError:
        return False
    try:
        _flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        close(descriptor)


def had_writer(folder: str) -> bool:
    """Return whether a writer has ever been at work there."""
    return _exists(f"{folder}/{LOCK}")
