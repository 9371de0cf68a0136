"""A database for one run: `database = "memory"`.

A SQLite file in a private folder, where there is one on a file system that lives in memory. Whoever
uses it holds a shared lock: the writer, and the dashboard that the run has opened. The last one
removes the folder. What a killed one left is removed by the next run.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time
from typing import Final

from rewind.errors import SpoolError

_PREFIX: Final = "rewind-memory-"
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
_LOCK: Final = "users.lock"
_SQLITE: Final = "sqlite:///"

_COMING_UP_S: Final = 60.0
"""Until then a folder that nobody holds may be one whose writer is still starting."""


def own_database() -> str:
    """Return the URL of a database for this run, in a folder that is made; raises `SpoolError`."""
    try:
        base = _IN_MEMORY if _is_usable(_IN_MEMORY) else Path(tempfile.gettempdir())
        _remove_left_behind(base)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        (folder / _LOCK).touch(mode=0o600)
    except OSError as error:
        message = f"a database in memory cannot be made: {error.strerror or error}"
        raise SpoolError(message) from error
    return f"{_SQLITE}{folder}/rewind.db"


def is_temporary(database: str) -> bool:
    """Return whether a database's URL is one that `own_database` has made."""
    return _folder(database) is not None


@contextmanager
def held(database: str) -> Iterator[None]:
    """Keep a temporary database while the block runs; then remove it if nobody else does.

    Any other database is left alone. For the one thread of a process that does not fork meanwhile.
    """
    folder = _folder(database)
    if folder is None:
        yield
        return
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # it is gone: what opens the database will say so
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        _remove_unheld(folder, lock)
        os.close(lock)


def _folder(database: str) -> Path | None:
    folder = Path(database.removeprefix(_SQLITE)).parent
    return folder if folder.name.startswith(_PREFIX) and database.startswith(_SQLITE) else None


def _remove_unheld(folder: Path, lock: int) -> None:
    fcntl.flock(lock, fcntl.LOCK_UN)
    with suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)


def _remove_left_behind(base: Path) -> None:
    """Remove the folders of runs that were killed."""
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.stat(follow_symlinks=False)
            if found.st_uid != os.getuid() or time() - found.st_mtime < _COMING_UP_S:
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                _remove_unheld(folder, lock)
            finally:
                os.close(lock)


def _is_usable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
