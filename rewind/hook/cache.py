"""Keeps transformed modules between runs, in a folder of its own.

Never in, and never read from, the `.pyc` that plain Python uses. An entry's name is a hash of all
that decides its content but the source; the entry itself says what source it was made of. One that
cannot be read, is not whole, or was made of another source counts as not there. Raises nothing:
without a usable folder there is no cache. The folder must be the user's own, as with `.pyc` files:
whoever can write to it can run code.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from rewind import transform
from rewind.hook import entry
from rewind.hook.entry import NO_STAMP, Loadable, Stamp, decode
from rewind.model import events, probes, sites, wire
from rewind.model.clock import time_ns
from rewind.transform import Options

_SETTLED_NS: Final = 2_000_000_000
"""The coarsest clock of a file system that is about: two seconds, FAT's."""

_NUMBERS: Final = count()
"""Of the process and not of one cache: two caches in one folder must not write the same file."""


class CodeCache:
    """A folder of transformed modules, without folders in it: each new one costs as much as a file.

    Used by importing threads and processes at once: entries are written under another name and
    renamed, so a reader finds a whole one or none. There is nothing to stop.
    """

    def __init__(self, folder: Path, options: Options) -> None:
        self._folder = str(folder)
        interpreter = f"{sys.implementation.cache_tag}|{sys.hexversion}|{sys.byteorder}"
        key = f"{_version()}|{interpreter}|{sys.flags.optimize}|{options.key()}"
        self._key = hashlib.sha256(key.encode()).hexdigest()

    def load(self, path: str, module: str) -> Loadable | None:
        """Return the entry of a module, whatever source it was made of."""
        try:
            with open(self._entry(path, module), "rb", buffering=0) as file:
                raw = bytearray(os.fstat(file.fileno()).st_size)
                if file.readinto(raw) != len(raw):
                    return None
                return decode(raw)
        except (OSError, ValueError, EOFError, TypeError, MemoryError):
            return None

    def save(self, path: str, module: str, made: Loadable) -> None:
        """Keep a transformed module, if the folder lets us."""
        if sys.dont_write_bytecode:
            return
        name = self._entry(path, module)
        hidden = f"{name}.{os.getpid()}.{next(_NUMBERS)}"
        try:
            os.makedirs(self._folder, exist_ok=True)
            # Buffered: what a full disk takes only in part is written again, and then refused.
            with open(hidden, "xb") as file:
                file.write(made.encode())
            os.replace(hidden, name)
        except OSError:
            with suppress(OSError):
                os.unlink(hidden)

    def _entry(self, path: str, module: str) -> str:
        key = f"{self._key}|{path}|{module}"
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self._folder}/{name}.code"


def stamp(path: str) -> Stamp:
    """Return what tells the file from what it becomes when it is written to; cheaper than to read.

    Python itself trusts size and time of the last write, in whole seconds. That time can be set to
    anything, by `touch`, `tar` or `git`; the time of the last change cannot: it moves on whenever
    content, name or rights do.

    `NO_STAMP` where nothing does: no such file, or one that was touched just now, which may change
    again within the same tick of the file system's clock. It then has to be read.
    """
    found = state(path)
    if found is None or not 0 < found[-1] < time_ns() - _SETTLED_NS:
        return NO_STAMP
    return found


def state(path: str) -> Stamp | None:
    """Return what moves on whenever the file changes, but for two changes within one tick."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_stamped(path: str, read: Callable[[], bytes]) -> tuple[bytes, Stamp]:
    """Return what `read` gives for the file, and its stamp if the file did not change meanwhile."""
    before = stamp(path)
    data = read()
    return data, before if before == stamp(path) else NO_STAMP


def _version() -> str:
    """Return a text that differs wherever an entry's content may.

    A hash of the source that makes it and not a number: nobody has to remember to count it up.
    """
    digest = hashlib.sha256()
    for path in _makers():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _makers() -> Iterator[Path]:
    yield from sorted(Path(transform.__file__).parent.glob("*.py"))
    for module in (entry, events, probes, sites, wire):
        yield Path(str(module.__file__))
    native = sys.modules.get("rewind.transform._nodes")
    if native is not None:
        yield Path(str(native.__file__))
