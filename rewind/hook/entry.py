"""A module's code with probes, as it rests in the cache and waits for its site numbers.

What can be made once is made once: an import from the cache checks the entry, copies parts of it
and lets marshal make the code. No step of it is taken for each site.
"""

import marshal
import zlib
from struct import Struct
from types import CodeType
from typing import NamedTuple

from rewind.model.events import Control
from rewind.model.sites import RunTable, SiteTable, packed_sites, run_table
from rewind.model.wire import append, array_header, map_header, pack
from rewind.transform import Transformed, bind
from rewind.transform.table import Skipped

_MAGIC = b"rewind code\n"
_START = Struct(f"<{len(_MAGIC)}sI")
"""What it is; checksum of all that follows."""
_FACTS = Struct("<4q32sIII")
"""The source's stamp and hash; sizes of two parts: tables, record; where in the record its packed
part begins. The template is the rest."""
_BODY = _START.size + _FACTS.size

Stamp = tuple[int, int, int, int]
"""Inode, size, time of the last write and time of the last change of any kind, ns."""
NO_STAMP: Stamp = (0, 0, 0, 0)


class Loadable(NamedTuple):
    """What an import needs."""

    source_hash: bytes
    table: RunTable
    skipped: tuple[Skipped, ...]
    record: bytes
    """The module's record for the spool, up to the number of its first site."""
    packed_at: int
    """Where in the record the description of sites and source begins."""
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
        sizes = len(tables), len(self.record)
        facts = _FACTS.pack(*self.stamp, self.source_hash, *sizes, self.packed_at)
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
    *stamp, source_hash, tables_size, record_size, packed_at = _FACTS.unpack_from(raw, _START.size)
    record_at = _BODY + tables_size
    template_at = record_at + record_size
    table, skipped = marshal.loads(view[_BODY:record_at])  # noqa: S302 - the checksum holds
    return Loadable(
        source_hash,
        RunTable(*table),
        tuple(Skipped(*one) for one in skipped),
        bytes(view[record_at:template_at]),
        packed_at,
        view[template_at:],
        tuple(stamp),
    )


def loadable(
    result: Transformed, name: str, path: str, source: bytes, source_hash: bytes
) -> Loadable:
    """Return what the transform has made, ready for the core and for the cache."""
    packed = zlib.compress(_described(source, result.table), 1)
    facts = {"name": name, "path": path, "hash": source_hash.hex(), "packed": packed}
    record = bytearray(array_header(2))
    append(record, Control.MODULE)
    record += map_header(len(facts) + 1)
    for key, value in facts.items():
        append(record, key)
        append(record, value)
    packed_at = len(record) - len(packed)
    append(record, "base")
    return Loadable(
        source_hash,
        run_table(result.table),
        result.skipped,
        bytes(record),
        packed_at,
        result.template,
    )


_SOURCE = pack("source")
_SIZES = {0xC4: 1, 0xC5: 2, 0xC6: 4}
"""Bytes of the length that follows, by the type that msgpack gives bytes."""


def _described(source: bytes, table: SiteTable) -> bytearray:
    """Return what readers of the recording need; the source first, where `source_in` finds it."""
    described = bytearray(map_header(3))
    described += _SOURCE
    append(described, source)
    append(described, "functions")
    append(described, tuple(map(tuple, table.functions)))
    append(described, "sites")
    append(described, tuple(packed_sites(table.sites)))
    return described


def source_in(record: bytes, packed_at: int) -> bytes:
    """Return the source that a module's record holds (`Loadable.record`, `Loadable.packed_at`)."""
    described = zlib.decompressobj().decompress(memoryview(record)[packed_at:])
    length_at = len(map_header(3)) + len(_SOURCE) + 1
    start = length_at + _SIZES[described[length_at - 1]]
    return described[start : start + int.from_bytes(described[length_at:start], "big")]
