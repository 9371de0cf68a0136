"""What a SQLite file is, found out from the file alone, without changing it.

In one of ours, what somebody has begun to write who was killed is taken back.

The first look at a database: `rewind run` needs no other where it meets what it has made before,
and so its program need not wait for SQLAlchemy to be imported.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from rewind.errors import StoreError

APPLICATION_ID: Final = 0x52574E44
"""`RWND`: how a SQLite file says that it is ours (https://sqlite.org/fileformat2.html, 1.3)."""

EXPORT_ID: Final = 0x52574E45
"""`RWNE`: how a file says that `rewind export` made it; it is only read."""

HEAD: Final = "0009"
"""The newest revision of `migrations/`, known here so that opening needs no alembic."""

VERSION_TABLE: Final = "alembic_version"

_PREFIX: Final = "sqlite:///"
_MAGIC: Final = b"SQLite format 3\0"
_APPLICATION_ID_AT: Final = 68


class _HalfWrittenError(Exception):
    """A transaction was broken off by a death, in a file without a write-ahead log."""


class Found(NamedTuple):
    """What is there."""

    empty: bool
    """Nothing at all."""
    ours: bool = False
    """Rewind made it."""
    revision: str | None = None
    """Of its schema, where it is ours."""
    exported: bool = False
    """`rewind export` made it."""


NOTHING: Final = Found(empty=True)
FOREIGN: Final = Found(empty=False)


def is_current(url: str) -> bool:
    """Return whether a URL certainly names a SQLite file of ours that needs no upgrade.

    Raises `StoreError` if the file cannot be read.
    """
    path = url.removeprefix(_PREFIX)
    # What stands behind a question mark, or in place of a driver, is for SQLAlchemy to read.
    if path == url or "?" in path or not Path(path).is_absolute():
        return False
    return look_at(path, url).revision == HEAD


def look_at(path: str, shown: str) -> Found:
    """Return what a file is, read without locks or side files.

    Raises `StoreError`, which names it as `shown`, if the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return NOTHING
    except OSError as error:
        message = f"{shown} cannot be used: {error.strerror}"
        raise StoreError(message) from error
    if not header:
        return NOTHING
    kind = _application_id(header) if header.startswith(_MAGIC) else 0
    if kind == EXPORT_ID:
        return Found(empty=False, ours=True, exported=True)
    if kind != APPLICATION_ID:
        return FOREIGN
    revision = _file_revision(Path(path))
    # Empty where it was being made, and that was taken back.
    return Found(empty=False, ours=True, revision=revision) if revision else _emptied(path)


def _emptied(path: str) -> Found:
    return Found(empty=False, ours=True) if Path(path).stat().st_size else NOTHING


def _application_id(header: bytes) -> int:
    return int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")


def _file_revision(path: Path) -> str | None:
    # `immutable` takes no lock and makes no side files, but does not see a write-ahead log: where
    # there is one, somebody has the database open (or left it behind) and `mode=ro` reads both.
    log = path.with_name(path.name + "-wal")
    try:
        if not log.exists() or not log.stat().st_size:
            with suppress(sqlite3.Error, UnicodeDecodeError):  # a writer may have come between
                return _read_revision(path, "immutable=1")
        with suppress(_HalfWrittenError):
            return _read_revision(path, "mode=ro")
        _take_back(path)
        return _read_revision(path, "mode=ro") if path.stat().st_size else None
    except (OSError, UnicodeDecodeError, sqlite3.Error) as error:  # damage may lie in any text
        message = f"sqlite:///{path} cannot be used: {error}"
        raise StoreError(message) from error


def _read_revision(path: Path, mode: str) -> str | None:
    address = f"file:{quote(str(path))}?{mode}"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        try:
            row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
                raise _HalfWrittenError from error
            raise
    return str(row[0]) if row else None


def _take_back(path: Path) -> None:
    """Take back what one that was killed has begun to write, as SQLite does for who may write."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)) as connection:
        connection.execute("PRAGMA schema_version").fetchone()
