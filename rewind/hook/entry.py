"""A module's code with probes, as it rests in the cache and waits for its site numbers.

What can be made once is made once: an import from the cache checks the entry, copies parts of it
and lets marshal make the code. No step of it is taken for each site.
"""

import marshal
import zlib
from dataclasses import dataclass
from struct import Struct
from types import CodeType

from rewind.model.events import Control
from rewind.model.sites import RunTable, SiteTable, packed_sites, run_table
from rewind.model.wire import append, array_header, map_header
from rewind.transform import Transformed, bind
from rewind.transform.table import Skipped

_MAGIC = b"rewind code\n"
_START = Struct(f"<{len(_MAGIC)}sI")
"""What it is; checksum of all that follows."""
_FACTS = Struct("<4q32sII")
"""The source's stamp and hash; sizes of two parts: tables, record. The template is the rest."""
_BODY = _START.size + _FACTS.size

Stamp = tuple[int, int, int, int]
"""Inode, size, time of the last write and time of the last change of any kind, ns."""
NO_STAMP: Stamp = (0, 0, 0, 0)


@dataclass(slots=True)
class Loadable:
    """What an import needs. Used by the thread that imports."""

    source_hash: bytes
    table: RunTable
    skipped: tuple[Skipped, ...]
    record: bytes
    """The module's record for the spool, up to the number of its first site."""
    template: bytes | memoryview
    stamp: Stamp = NO_STAMP
    """The source file as it was when it was read, if that can tell it from any later one."""

    def code(self, base: int) -> CodeType:
        """Return the code, its sites numbered from `base`."""
        return bind(self.template, self.table.size, base)

    def encode(self) -> bytes:
        """Return the cache's entry."""
        skipped = tuple((one.construct, one.line, one.why) for one in self.skipped)
        tables = marshal.dumps((tuple(self.table), skipped))
        facts = _FACTS.pack(*self.stamp, self.source_hash, len(tables), len(self.record))
        body = b"".join((facts, tables, self.record, self.template))
        return _START.pack(_MAGIC, zlib.crc32(body)) + body


def decode(raw: bytearray) -> Loadable | None:
    """Return what an entry holds; None where it is not whole.

    A checksum of 32 bits, as it is to find what disks and cut writes do, and costs a third of a
    cryptographic one: whoever may write to the folder can run code anyway.
    """
    view = memoryview(raw)
    if len(raw) < _BODY or not raw.startswith(_MAGIC):
        return None
    if zlib.crc32(view[_START.size :]) != _START.unpack_from(raw)[1]:
        return None
    *stamp, source_hash, tables_size, record_size = _FACTS.unpack_from(raw, _START.size)
    record_at = _BODY + tables_size
    template_at = record_at + record_size
    table, skipped = marshal.loads(view[_BODY:record_at])  # noqa: S302 - the checksum holds
    return Loadable(
        source_hash,
        RunTable(*table),
        tuple(Skipped(*one) for one in skipped),
        bytes(view[record_at:template_at]),
        view[template_at:],
        tuple(stamp),
    )


def loadable(
    result: Transformed, name: str, path: str, source: bytes, source_hash: bytes
) -> Loadable:
    """Return what the transform has made, ready for the core and for the cache."""
    facts = {
        "name": name,
        "path": path,
        "hash": source_hash.hex(),
        "packed": zlib.compress(_described(source, result.table), 1),
    }
    record = bytearray(array_header(2))
    append(record, Control.MODULE)
    record += map_header(len(facts) + 1)
    for key, value in facts.items():
        append(record, key)
        append(record, value)
    append(record, "base")
    return Loadable(
        source_hash, run_table(result.table), result.skipped, bytes(record), result.template
    )


def _described(source: bytes, table: SiteTable) -> bytearray:
    """Return what only readers of the recording need."""
    described = bytearray(map_header(3))
    append(described, "source")
    append(described, source)
    append(described, "functions")
    append(described, tuple(map(tuple, table.functions)))
    append(described, "sites")
    append(described, tuple(packed_sites(table.sites)))
    return described
