"""What the writer adds: everything of one flush, in one transaction.

A batch says how things are and not what was added to them, so that one whose commit may or may
not have reached the database is simply sent again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack
from sqlalchemy import Connection, Table, delete, text
from sqlalchemy.dialects import postgresql, sqlite

from rewind.store import schema
from rewind.store.codec import compress
from rewind.store.opening import Store, writing
from rewind.store.rows import (
    RUNNING,
    Chunk,
    File,
    FunctionCalls,
    Module,
    Process,
    Recording,
    Report,
    Session,
    StreamPosition,
)
from rewind.store.watch import CHANNEL


@dataclass(slots=True)
class Batch:
    """One flush. Rows that exist already are replaced."""

    recordings: list[Recording] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    """Chunks before a session's `first_event` are removed."""
    functions: list[FunctionCalls] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    positions: list[StreamPosition] = field(default_factory=list)
    """Of a process that has ended, they are removed."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def append(store: Store, batch: Batch, codec: str) -> None:
    """Store a batch. Raises `StoreError` and leaves nothing half done."""
    with writing(store) as connection, connection.begin():
        _put(connection, schema.recordings, _plain(batch.recordings))
        _put(connection, schema.processes, _plain(batch.processes))
        _put(connection, schema.files, _file_rows(batch.files, codec), replace=False)
        _put(connection, schema.modules, (_module_row(module, codec) for module in batch.modules))
        _put(connection, schema.sessions, map(_session_row, batch.sessions))
        _put(connection, schema.session_functions, _plain(batch.functions))
        _put(connection, schema.chunks, (_chunk_row(chunk, codec) for chunk in batch.chunks))
        _put(connection, schema.reports, _plain(batch.reports))
        _put(connection, schema.streams, _plain(batch.positions))
        _remove(connection, batch)
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"NOTIFY {CHANNEL}"))


def _put(
    connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], *, replace: bool = True
) -> None:
    values = list(rows)
    if not values:
        return
    insert = _INSERTS[connection.dialect.name](table)
    keys = list(table.primary_key.columns)
    others = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
    if replace:
        insert = insert.on_conflict_do_update(index_elements=keys, set_=others)
    else:
        insert = insert.on_conflict_do_nothing(index_elements=keys)
    connection.execute(insert, values)


_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _remove(connection: Connection, batch: Batch) -> None:
    chunks, streams = schema.chunks, schema.streams
    for session in batch.sessions:
        if session.first_event > 1:
            stale = (chunks.c.session_id == session.id, chunks.c.first < session.first_event)
            connection.execute(delete(chunks).where(*stale))
    ended = [process.id for process in batch.processes if process.status != RUNNING]
    if ended:
        connection.execute(delete(streams).where(streams.c.process_id.in_(ended)))


def _plain(rows: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return (row._asdict() for row in rows)


_NOT_STORED = ("pid", "host", "service", "name", "children")


def _session_row(session: Session) -> dict[str, Any]:
    row = session._asdict()
    for name in _NOT_STORED:
        del row[name]
    return row


def _file_rows(files: Iterable[File], codec: str) -> Iterable[dict[str, Any]]:
    # In one order for all writers, so that two who bring the same texts cannot deadlock.
    for file in sorted(files):
        source = compress(codec, file.source)
        yield {"hash": file.hash, "codec": codec, "source": source, "size": len(file.source)}


def _module_row(module: Module, codec: str) -> dict[str, Any]:
    row = module._asdict()
    row["codec"] = codec
    row["functions"] = compress(codec, _packed(module.functions))
    row["sites"] = compress(codec, _packed(module.sites))
    return row


def _chunk_row(chunk: Chunk, codec: str) -> dict[str, Any]:
    row = chunk._asdict()
    row["codec"] = codec
    row["data"] = compress(codec, chunk.data)
    row["keyframe"] = compress(codec, chunk.keyframe)
    row["sites"] = compress(codec, _packed(chunk.sites))
    row["kinds"] = compress(codec, _packed(chunk.kinds))
    row["size"] = sum(len(row[name]) for name in ("data", "keyframe", "sites", "kinds"))
    return row


def _packed(value: object) -> bytes:
    return bytes(msgpack.packb(value, unicode_errors="surrogatepass"))
