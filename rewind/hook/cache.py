"""Keeps transformed modules between runs, in a folder of its own.

Never in, and never read from, the `.pyc` that plain Python uses. An entry's name is a hash of all
that decides its content, so an entry is right or it is not there; one that cannot be read counts
as not there. Raises nothing: without a usable folder there is no cache. The folder must be the
user's own, as with `.pyc` files: whoever can write to it can run code.
"""

import hashlib
import marshal
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from rewind import transform
from rewind.model import probes
from rewind.model.sites import Function, Site, SiteTable
from rewind.transform import Options, Transformed
from rewind.transform.table import Skipped

_MAGIC: Final = b"rewind code\n"


class CodeCache:
    """A folder of transformed modules.

    Used by importing threads and processes at once: entries are written under another name and
    renamed, and the same entry written twice is the same.
    """

    def __init__(self, folder: Path, options: Options) -> None:
        self._folder = folder
        interpreter = f"{sys.implementation.cache_tag}|{sys.hexversion}|{sys.flags.optimize}"
        self._key = f"{_transform_version()}|{interpreter}|{options.key()}"

    def load(self, source_hash: str, path: str, module: str) -> Transformed | None:
        """Return the entry for a source, or None."""
        try:
            raw = self._entry(source_hash, path, module).read_bytes()
            if not raw.startswith(_MAGIC):
                return None
            digest = raw[len(_MAGIC) : len(_MAGIC) + 32]
            body = raw[len(_MAGIC) + 32 :]
            if hashlib.sha256(body).digest() != digest:
                return None
            return _decode(marshal.loads(body))  # noqa: S302 - the digest says that it is whole
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def save(self, source_hash: str, path: str, module: str, result: Transformed) -> None:
        """Keep a transformed module, if the folder lets us."""
        if sys.dont_write_bytecode:
            return
        entry = self._entry(source_hash, path, module)
        body = marshal.dumps(_encode(result))
        hidden = entry.with_name(f"{entry.name}.{os.getpid()}.{id(result)}")
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            hidden.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
            hidden.replace(entry)
        except OSError:
            with suppress(OSError):
                hidden.unlink()

    def _entry(self, source_hash: str, path: str, module: str) -> Path:
        key = f"{self._key}|{source_hash}|{path}|{module}"
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.code"


def _transform_version() -> str:
    """Return a text that differs wherever the transform's output may.

    A hash of its source and not a number: nobody has to remember to count it up.
    """
    digest = hashlib.sha256()
    for path in (*sorted(Path(transform.__file__).parent.glob("*.py")), Path(probes.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _encode(result: Transformed) -> Any:  # noqa: ANN401 - whatever marshal takes
    return (
        result.template,
        tuple(tuple(one) for one in result.table.functions),
        tuple(tuple(one) for one in result.table.sites),
        tuple((one.construct, one.line, one.why) for one in result.skipped),
    )


def _decode(stored: Any) -> Transformed:  # noqa: ANN401 - whatever marshal gives
    template, functions, sites, skipped = stored
    table = SiteTable(
        tuple(Function(*one) for one in functions), tuple(Site(*one) for one in sites)
    )
    return Transformed(template, table, tuple(Skipped(*one) for one in skipped))
