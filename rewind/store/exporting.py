"""Writes sessions into a file of their own, with all that is needed to read them elsewhere.

Bytes are copied as they rest in the database: what was withheld stays withheld.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import time_ns
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.engine import URL

from rewind import __version__
from rewind.errors import StoreError
from rewind.sqlite_file import EXPORT_ID
from rewind.store import export_format, schema
from rewind.store.opening import Store, engine_of
from rewind.store.rows import COMPLETED, ENDED, RUNNING

_AT_ONCE = 64
"""Rows in memory at once: a chunk may take some megabytes."""

_IDS_AT_ONCE = 500

_sessions, _chunks = schema.sessions.c, schema.kept_chunks.c
_processes, _modules, _called = schema.processes.c, schema.modules.c, schema.session_functions.c

_STATUS = {RUNNING: ENDED}

Progress = Callable[[int, int], None]
"""Is told how many events are written, and of how many."""


class Export(NamedTuple):
    """What was written."""

    sessions: int
    events: int
    bytes: int
    unfinished: tuple[str, ...]
    """Ids of the sessions that still run: what they have so far was written."""


def export(
    store: Store, ids: Sequence[str], path: Path, progress: Progress = lambda *_: None
) -> Export:
    """Write the sessions of those ids to `path`, in place of what is there.

    The file is there whole or not at all. Raises `StoreError`.
    """
    hidden = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        # As confidential as the program's memory was.
        os.close(os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        made = _write(store, ids, hidden, progress)
        export_format.seal(hidden)
        _to_disk(hidden)
        os.replace(hidden, path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise StoreError(message) from error
    finally:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)
    return made._replace(bytes=path.stat().st_size)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write(store: Store, ids: Sequence[str], path: Path, progress: Progress) -> Export:
    source = store.engine.connect()
    if source.dialect.name == "postgresql":
        # One state of the database for all tables; on SQLite a transaction always sees one.
        source = source.execution_options(isolation_level="REPEATABLE READ")
    target = engine_of(URL.create("sqlite", database=str(path)), lambda: _new_file(path))
    try:
        with source, source.begin(), target.connect() as connection, connection.begin():
            export_format.metadata.create_all(connection)
            return _Writer(source, connection, ids, progress).write()
    finally:
        target.dispose()


def _new_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    # A file that is not finished is removed: nothing of it need be rolled back.
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"application_id={EXPORT_ID}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Writer:
    """Copies from one connection to another; used once."""

    def __init__(
        self, source: Connection, target: Connection, ids: Sequence[str], progress: Progress
    ) -> None:
        self._source = source
        self._target = target
        self._ids = ids
        self._progress = progress
        self._tables = {table.name: table for table in export_format.TABLES}
        self._rows: dict[str, int] = {}
        self._unfinished: list[str] = []
        self._told: list[tuple[str, str, int, int]] = []
        """Of each session: id, trigger, first and last event."""

    def write(self) -> Export:
        """Copy all; the size of the file is for later."""
        owners = self._all(_sessions.id, self._ids, _sessions.recording_id, _sessions.process_id)
        recordings = sorted({recording for recording, _ in owners})
        running_in = sorted({process for _, process in owners})
        family = self._all(_processes.recording_id, recordings, _processes.id)
        sources = self._all(_modules.process_id, running_in, _modules.file_hash)
        wanted: tuple[tuple[Table, Iterable[Sequence[Any]]], ...] = (
            (schema.recordings, self._matching(schema.recordings.c.id, recordings)),
            (schema.processes, map(_ended, self._matching(_processes.recording_id, recordings))),
            (schema.files, self._matching(schema.files.c.hash, _distinct(sources))),
            (schema.modules, self._matching(_modules.process_id, running_in)),
            (schema.sessions, map(self._session, self._matching(_sessions.id, self._ids))),
            (schema.session_functions, self._matching(_called.session_id, self._ids)),
            (schema.reports, self._matching(schema.reports.c.process_id, _distinct(family))),
            (schema.chunks, self._chunks()),
        )
        for table, rows in wanted:
            self._put(table.name, rows)
        self._put("manifest", self._facts().items())
        events = sum(last - first + 1 for _, _, first, last in self._told)
        return Export(len(self._told), events, 0, tuple(self._unfinished))

    def _facts(self) -> dict[str, str]:
        return {
            "format": str(export_format.FORMAT),
            "rewind": __version__,
            "made_ns": str(time_ns()),
            "sessions": json.dumps(self._told),
            "rows": json.dumps(self._rows),
        }

    def _put(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        table = self._tables[name]
        convert = export_format.kept_values(table)
        sql = f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608
        count, rest = 0, iter(rows)
        while part := [convert(row) for row in islice(rest, _AT_ONCE)]:
            whole = [(*values, export_format.digest(name, values)) for values in part]
            self._target.exec_driver_sql(sql, whole)
            count += len(whole)
        self._rows[name] = count

    def _matching(self, column: Column[Any], values: Sequence[str]) -> Iterator[Sequence[Any]]:
        """Yield the whole rows in which the column has one of the values."""
        for part in _parts(values):
            yield from self._source.execute(select(column.table).where(column.in_(part)))

    def _all(
        self, column: Column[Any], values: Sequence[str], *wanted: Column[Any]
    ) -> list[Sequence[Any]]:
        """Return some columns of those rows."""
        queries = (select(*wanted).where(column.in_(part)) for part in _parts(values))
        return [tuple(row) for query in queries for row in self._source.execute(query)]

    def _session(self, row: Sequence[Any]) -> Sequence[Any]:
        facts = dict(zip(_sessions.keys(), row, strict=True))
        self._told.append((facts["id"], facts["trigger"], facts["first_event"], facts["events"]))
        if facts["status"] == RUNNING:
            self._unfinished.append(facts["id"])
            last = select(func.max(_chunks.end_ns)).where(_chunks.session_id == facts["id"])
            facts["status"] = COMPLETED
            facts["tags"] = {**facts["tags"], "unfinished": True}
            facts["duration_ns"] = self._source.scalar(last) or 0
        return list(facts.values())

    def _chunks(self) -> Iterator[Sequence[Any]]:
        written = 0
        total = sum(last - first + 1 for _, _, first, last in self._told)
        for session, *_ in self._told:
            first = 0
            while rows := self._some_chunks(session, first):
                yield from rows
                first = rows[-1].first
                written += sum(row.last - row.first + 1 for row in rows)
                self._progress(written, total)

    def _some_chunks(self, session: str, after: int) -> Sequence[Any]:
        columns = (_chunks[column.name] for column in schema.chunks.columns)
        query = select(*columns).where(_chunks.session_id == session, _chunks.first > after)
        return self._source.execute(query.order_by(_chunks.first).limit(_AT_ONCE)).all()


def _ended(row: Sequence[Any]) -> Sequence[Any]:
    """Return a process's row as it is once nothing more comes of it."""
    facts = dict(zip(_processes.keys(), row, strict=True))
    return list({**facts, "status": _STATUS.get(facts["status"], facts["status"])}.values())


def _distinct(rows: Iterable[Sequence[Any]]) -> Sequence[str]:
    return sorted({value for (value,) in rows})


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[n : n + _IDS_AT_ONCE] for n in range(0, len(values), _IDS_AT_ONCE))
