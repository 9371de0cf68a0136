"""Keeps transformed modules between runs, in a folder of its own.

Never in, and never read from, the `.pyc` that plain Python uses. An entry's name is a hash of all
that decides its content, so an entry is right or it is not there; one that cannot be read counts
as not there. Refuses nothing and raises nothing: without a usable folder there is no cache.
"""

import hashlib
import marshal
import os
import sys
from pathlib import Path
from typing import Final

from rewind.model.sites import Function, Site, SiteTable
from rewind.transform import Options, Transformed
from rewind.transform.table import Skipped

VERSION: Final = 1
"""Goes up with every change of the transform's output for the same source."""

_MAGIC: Final = b"rewind code\n"


class CodeCache:
    """A folder of transformed modules.

    Used by importing threads and processes at once: entries are written under another name and
    renamed, and the same entry written twice is the same.
    """

    def __init__(self, folder: Path | None, options: Options) -> None:
        self._folder = folder
        self._options = f"{VERSION}|{sys.implementation.cache_tag}|{sys.hexversion}|{sys.flags.optimize}|{options.key()}"

    def load(self, source_hash: str, path: str, module: str) -> Transformed | None:
        """Return the entry for a source, or None."""
        if self._folder is None:
            return None
        try:
            raw = self._entry(source_hash, path, module).read_bytes()
            if not raw.startswith(_MAGIC):
                return None
            digest = raw[len(_MAGIC) : len(_MAGIC) + 32]
            body = raw[len(_MAGIC) + 32 :]
            if hashlib.sha256(body).digest() != digest:
                return None
            return _decode(marshal.loads(body))
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def save(self, source_hash: str, path: str, module: str, result: Transformed) -> None:
        """Keep a transformed module, if the folder lets us."""
        if self._folder is None or sys.dont_write_bytecode:
            return
        entry = self._entry(source_hash, path, module)
        body = marshal.dumps(_encode(result))
        hidden = entry.with_name(f"{entry.name}.{os.getpid()}.{id(result)}")
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            hidden.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
            hidden.replace(entry)
        except OSError:
            hidden.unlink(missing_ok=True)

    def _entry(self, source_hash: str, path: str, module: str) -> Path:
        assert self._folder is not None
        key = f"{self._options}|{source_hash}|{path}|{module}"
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.code"


def _encode(result: Transformed) -> tuple[object, ...]:
    return (
        result.template,
        tuple(tuple(one) for one in result.table.functions),
        tuple(tuple(one) for one in result.table.sites),
        tuple((one.construct, one.line, one.why) for one in result.skipped),
    )


def _decode(stored: object) -> Transformed:
    template, functions, sites, skipped = stored  # type: ignore[misc]
    table = SiteTable(tuple(Function(*one) for one in functions), tuple(Site(*one) for one in sites))
    return Transformed(template, table, tuple(Skipped(*one) for one in skipped))
