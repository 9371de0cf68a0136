"""What a file of `rewind export` is: `docs/format.md`, part 5.

A SQLite file with the tables of the database. Each row carries a digest of itself, and the header a
checksum of the whole file: what was damaged on its way is noticed at once, and found row by row.
"""

import sqlite3
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote
from zlib import crc32

import msgpack
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.sqlite import dialect

from rewind.store import schema

FORMAT: Final = 3
"""Counts up with every change that a reader has to know of."""

OLDEST: Final = 2
"""The first one that is read: its chunks have no references, and nothing else is different."""

CONTENT: Final = (
    schema.recordings,
    schema.processes,
    schema.files,
    schema.modules,
    schema.sessions,
    schema.session_functions,
    schema.reports,
    schema.chunks,
)
"""The tables that are filled, each behind those that it refers to."""

DIGEST: Final = "digest"

_CHECKSUM_AT: Final = 60
"""Where the header has the number that `PRAGMA user_version` tells; four bytes, big end first."""
_BLOCK: Final = 1 << 20

metadata = MetaData()

manifest = Table(
    "manifest",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts of the file: its format, who made it and when, its sessions, and how many rows it has."""


def _with_digest(table: Table) -> Table:
    table.append_column(Column(DIGEST, LargeBinary, nullable=False))
    return table


for _table in schema.metadata.sorted_tables:
    _table.to_metadata(metadata)
TABLES: Final = (manifest, *(metadata.tables[table.name] for table in CONTENT))
for _table in TABLES:
    _with_digest(_table)

_dialect = dialect()


def digest(table: str, values: Sequence[object]) -> bytes:
    """Return the digest of a row, given its values as SQLite keeps them."""
    raw: bytes = msgpack.packb([table, *values], unicode_errors="surrogatepass")
    return blake2b(raw, digest_size=16).digest()


def kept_values(table: Table) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what turns a row of a table into values as SQLite keeps them."""
    converters = [c.type.dialect_impl(_dialect).bind_processor(_dialect) for c in table.columns]

    def convert(row: Sequence[Any]) -> list[Any]:
        return [
            value if converter is None else converter(value)
            for value, converter in zip(row, converters, strict=False)
        ]

    return convert


def connect(path: Path, pragma: str = "") -> sqlite3.Connection:
    """Open a file to read from any thread; it is never written to, and nothing is made beside it.

    Raises `sqlite3.Error`.
    """
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    if pragma:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def seal(path: Path) -> None:
    """Write the checksum of a finished file into its header."""
    with path.open("r+b") as file:
        value = _checksum(file)
        file.seek(_CHECKSUM_AT)
        file.write(value.to_bytes(4, "big"))


def is_sound(path: Path) -> bool:
    """Return whether a file is as it was when it was sealed; raises `OSError`."""
    with path.open("rb") as file:
        file.seek(_CHECKSUM_AT)
        said = file.read(4)
        return said == _checksum(file).to_bytes(4, "big")


def _checksum(file: BinaryIO) -> int:
    file.seek(0)
    found = crc32(file.read(_CHECKSUM_AT))
    file.seek(_CHECKSUM_AT + 4)
    while block := file.read(_BLOCK):
        found = crc32(block, found)
    return found
