"""Opens a file that `rewind export` has made. Nothing is ever written to it, or beside it.

A sound file is read as it stands. Of a damaged one, each row that proves itself by its digest is
copied into a temporary database, and what is missing is named.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import URL

from rewind.errors import (
    DamagedError,
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    StoreError,
)
from rewind.sqlite_file import look_at
from rewind.store import export_format
from rewind.store.failures import shown
from rewind.store.opening import Store, engine_of

_READING = "writable_schema=ON"
"""Without it SQLite refuses a file as a whole that is shorter than its header says."""

_MOST_ROWS = 1_000_000
_MOST_NAMED = 20
_STEPS = 64
"""How often the next row is tried a little further on, before it is tried much further on."""


def open_export(url: URL) -> Store:
    """Open the file that a URL names.

    Raises `StoreError` if it cannot be read, `ForeignDatabaseError` if it is something else,
    `OldDatabaseError` or `NewDatabaseError` if it has another format, and `DamagedError` if nothing
    of it can be used.
    """
    path = Path(str(url.database))
    try:
        if not path.exists():
            message = f"there is no file {path}"
            raise StoreError(message)
        if not look_at(str(path), shown(url)).exported:
            message = f"{path} is no file that rewind export made, or its beginning is damaged"
            raise ForeignDatabaseError(message)
        facts = _facts(path)
        _judge(path, facts.get("format"))
        if export_format.is_sound(path):
            return Store(engine_of(url, lambda: export_format.connect(path)))
    except OSError as error:
        message = f"{shown(url)} cannot be used: {error.strerror}"
        raise StoreError(message) from error
    return _salvaged(url, path, facts)


def _judge(path: Path, said: str | None) -> None:
    oldest, newest = export_format.OLDEST, export_format.FORMAT
    if said is None or oldest <= int(said) <= newest:
        return
    known = f"it has format {said}, and this one reads formats {oldest} to {newest}"
    if int(said) > newest:
        message = f"{path} was exported by a newer Rewind: {known}; read it with that version"
        raise NewDatabaseError(message)
    message = f"{path} was exported by an older Rewind: {known}; export it anew with this version"
    raise OldDatabaseError(message)


def _facts(path: Path) -> dict[str, str]:
    """Return what the manifest says, as far as it proves itself."""
    with suppress(sqlite3.Error), closing(export_format.connect(path, _READING)) as connection:
        rows = _proven(connection, export_format.manifest, _MOST_NAMED)
        return {name: value for name, value in rows if name != "format" or value.isdecimal()}
    return {}


def _salvaged(url: URL, path: Path, facts: Mapping[str, str]) -> Store:
    folder = TemporaryDirectory(prefix="rewind-")
    copy = Path(folder.name) / "copy.db"
    engine = engine_of(url, lambda: sqlite3.connect(copy, check_same_thread=False))
    store = Store(engine, folder)
    try:
        with engine.connect() as connection:
            export_format.metadata.create_all(connection)
            connection.commit()
        found = _copy(path, copy, json.loads(facts.get("rows", "{}")))
        store.damage = _Damage(path, facts, found).told()
    except DamagedError:
        store.close()
        raise
    except (sqlite3.Error, StoreError) as error:
        store.close()
        message = f"{path} is damaged, and nothing of it can be read: {error}"
        raise DamagedError(message) from error
    return store


class _Found(NamedTuple):
    """What of a damaged file proved itself."""

    rows: Mapping[str, int]
    sessions: Mapping[str, tuple[int, int]]
    """Of each session the first and last event."""
    held: Mapping[str, list[tuple[int, int]]]
    """Of each session the first and last event of its chunks, in order."""


def _copy(path: Path, copy: Path, counts: Mapping[str, int]) -> _Found:
    rows: dict[str, int] = {}
    with (
        closing(export_format.connect(path, _READING)) as source,
        closing(sqlite3.connect(copy)) as target,
        target,
    ):
        for table in export_format.TABLES:
            sql = (
                f"INSERT OR IGNORE INTO {table.name} VALUES ({','.join('?' * len(table.columns))})"  # noqa: S608
            )
            proven = _proven(source, table, counts.get(table.name, _MOST_ROWS))
            count = target.executemany(sql, ((*row, b"") for row in proven)).rowcount
            rows[table.name] = max(count, 0)
        # A session is shown with its recording and process.
        target.execute(
            "DELETE FROM sessions WHERE recording_id NOT IN (SELECT id FROM recordings)"
            " OR process_id NOT IN (SELECT id FROM processes)"
        )
        sessions = target.execute("SELECT id, first_event, events FROM sessions").fetchall()
        chunks = target.execute("SELECT session_id, first, last FROM chunks ORDER BY 1, 2")
        held: dict[str, list[tuple[int, int]]] = {}
        for session, first, last in chunks:
            held.setdefault(session, []).append((first, last))
    return _Found(rows, {name: (first, last) for name, first, last in sessions}, held)


def _proven(connection: sqlite3.Connection, table: Table, most: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table whose digest is right; where some cannot be read, those behind."""
    number, step = 0, 1
    sql = f"SELECT rowid, * FROM {table.name} NOT INDEXED WHERE rowid > ? ORDER BY rowid"  # noqa: S608
    while number < most:
        try:
            for found, *values, said in connection.execute(sql, (number,)):
                if found <= number:
                    break
                number, step = found, 1
                if said == export_format.digest(table.name, values):
                    yield tuple(values)
            else:
                return
        except (sqlite3.Error, ValueError, TypeError, OverflowError):
            pass
        # A page that cannot be read holds some rows in a row; a part of the tree, many.
        number += step
        step = step + 1 if step < _STEPS else step * 2


class _Damage:
    """Says what a damaged file has lost."""

    def __init__(self, path: Path, facts: Mapping[str, str], found: _Found) -> None:
        self._path = path
        self._found = found
        self._sessions: list[tuple[str, str, int, int]] = json.loads(facts.get("sessions", "[]"))
        self._rows: dict[str, int] = json.loads(facts.get("rows", "{}"))

    def told(self) -> tuple[str, ...]:
        """Return one sentence for each thing; raises `DamagedError` if nothing is left."""
        if not self._found.sessions:
            message = f"{self._path} is damaged: no session of it can be read"
            raise DamagedError(message)
        lost = list(self._lost())
        more = len(lost) - _MOST_NAMED
        named = [*lost[:_MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])]
        start = f"{self._path} is damaged; what of it is sound is shown"
        return (start, *(named or ["nothing that was recorded is lost"]))

    def _lost(self) -> Iterator[str]:
        if not self._rows:
            yield "what it held is no longer known: sessions may be missing"
        for name, trigger, _, _ in self._sessions:
            if name not in self._found.sessions:
                yield f"session {name} ({trigger}) is lost"
        for name, (first, last) in self._found.sessions.items():
            for start, end in _gaps(self._found.held.get(name, []), first, last):
                yield f"session {name}: events {start:,} to {end:,} are lost"
        for table, what in _OTHERS.items():
            missing = self._rows.get(table, 0) - self._found.rows.get(table, 0)
            if missing > 0:
                yield f"{missing:,} of {self._rows[table]:,} {what} are lost"


_OTHERS = {
    "files": "sources",
    "modules": "modules with their sites",
    "session_functions": "counts of calls",
    "reports": "reports",
}


def _gaps(held: list[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    for start, end in held:
        if start > first:
            yield first, start - 1
        first = end + 1
    if first <= last:
        yield first, last
