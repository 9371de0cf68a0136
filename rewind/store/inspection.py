"""What a database is, found out without changing it.

First of two looks is at a SQLite file's bytes alone, second asks the database itself.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from rewind.errors import StoreError
from rewind.store.schema import APPLICATION_ID

VERSION_TABLE = "alembic_version"
_OWN_TABLES = {VERSION_TABLE, "recordings", "sessions", "chunks"}

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_AT = 68


class Found(NamedTuple):
    """What is there."""

    empty: bool
    """Nothing at all."""
    ours: bool = False
    """Rewind made it."""
    revision: str | None = None
    """Of its schema, where it is ours."""


_NOTHING = Found(empty=True)
_FOREIGN = Found(empty=False)


def in_file(url: URL) -> Found | None:
    """Return what a SQLite URL's file is, read without locks or side files; None for no file URL.

    Raises `StoreError` if the file cannot be read.
    """
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    path = Path(str(url.database))
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return _NOTHING
    except OSError as error:
        message = f"{url.render_as_string()} cannot be used: {error.strerror}"
        raise StoreError(message) from error
    if not header:
        return _NOTHING
    if not header.startswith(_MAGIC) or _application_id(header) != APPLICATION_ID:
        return _FOREIGN
    return Found(empty=False, ours=True, revision=_file_revision(path))


def _application_id(header: bytes) -> int:
    return int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")


def _file_revision(path: Path) -> str | None:
    # `immutable` takes no lock and makes no side files, but does not see a write-ahead log: where
    # there is one, somebody has the database open (or left it behind) and `mode=ro` reads both.
    log = path.with_name(path.name + "-wal")
    try:
        if not log.exists() or not log.stat().st_size:
            with suppress(sqlite3.Error):  # a writer may have come between
                return _read_revision(path, "immutable=1")
        return _read_revision(path, "mode=ro")
    except (OSError, sqlite3.Error) as error:
        message = f"sqlite:///{path} cannot be used: {error}"
        raise StoreError(message) from error


def _read_revision(path: Path, mode: str) -> str | None:
    address = f"file:{quote(str(path))}?{mode}"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608
    return str(row[0]) if row else None


def in_database(connection: Connection) -> Found:
    """Return what the connected database is."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return _NOTHING
    if not tables >= _OWN_TABLES:
        return _FOREIGN
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return Found(empty=False, ours=True, revision=revision)
