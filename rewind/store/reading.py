"""What is kept of a session and its recording: chunks, modules, sources, reports, figures.

Blobs come back as they were before compression; nothing is decoded that a caller may not want.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgpack
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select, text

from rewind.errors import FormatError
from rewind.model.elements import EXTENSION, REFERENCE
from rewind.model.sites import Function, Site
from rewind.store import schema
from rewind.store.codec import decompress
from rewind.store.opening import Store
from rewind.store.references import put_back
from rewind.store.rows import (
    RUNNING,
    Chunk,
    Module,
    Outline,
    Process,
    Recording,
    Report,
    Status,
)

_REFERENCE = bytes((EXTENSION, REFERENCE))

_chunks = schema.kept_chunks.c
_OUTLINE = (
    _chunks.session_id,
    _chunks.first,
    _chunks.last,
    _chunks.start_ns,
    _chunks.end_ns,
    _chunks.codec,
    _chunks.sites,
    _chunks.kinds,
)


def read_chunk(store: Store, session_id: str, n: int) -> Chunk | None:
    """Return the chunk that holds event `n` of a session, or None if none does."""
    for chunk in read_chunks(store, session_id, n, n):
        return chunk
    return None


def read_last_chunk(store: Store, session_id: str) -> Chunk | None:
    """Return the newest chunk of a session, or None if it has no events."""
    query = _chunk_query(session_id).order_by(_chunks.first.desc()).limit(1)
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _chunk(row)


def read_chunks(
    store: Store, session_id: str, first: int = 1, last: int | None = None
) -> Iterator[Chunk]:
    """Yield the chunks that overlap events `first` to `last`, in order, one at a time.

    Each is fetched when it is asked for, so a long session never is in memory as a whole.
    """
    while last is None or first <= last:
        with store.engine.connect() as connection:
            rows = connection.execute(_at_or_after(session_id, first)).mappings()
            row = rows.one_or_none()
        if row is None or (last is not None and row["first"] > last):
            return
        yield _chunk(row)
        first = row["last"] + 1


def _at_or_after(session_id: str, n: int) -> Select[Any]:
    """Ask for the chunk that holds event `n`, or else for the next one."""
    # Two steps of the key's index; to look for the first `last` that is not less would be to look
    # at all chunks before it.
    before = select(_chunks.first).where(_chunks.session_id == session_id, _chunks.first <= n)
    latest = before.order_by(_chunks.first.desc()).limit(1)
    least = func.coalesce(latest.scalar_subquery(), n)
    query = _chunk_query(session_id).where(_chunks.first >= least, _chunks.last >= n)
    return query.order_by(_chunks.first).limit(1)


def read_outlines(
    store: Store, session_id: str, first: int = 1, last: int | None = None
) -> list[Outline]:
    """Return what the chunks that overlap events `first` to `last` are about, in order."""
    query = select(*_OUTLINE, _chunks.size).where(*_overlapping(session_id, first, last))
    with store.engine.connect() as connection:
        rows = connection.execute(query.order_by(_chunks.first)).all()
    # Many chunks of a session are about the same, to the byte.
    unpacked = cache(_unpacked)
    return [
        Outline(name, first, last, start, end, size, unpacked(codec, sites), unpacked(codec, kinds))
        for name, first, last, start, end, codec, sites, kinds, size in rows
    ]


def read_keyframes(store: Store, session_id: str, firsts: Sequence[int]) -> dict[int, bytes]:
    """Return the keyframes of the chunks that begin with these events, by those."""
    query = select(_chunks.first, _chunks.codec, _chunks.keyframe)
    query = query.where(_chunks.session_id == session_id, _chunks.first.in_(firsts))
    with store.engine.connect() as connection:
        rows = connection.execute(query)
        return {row.first: decompress(row.codec, row.keyframe) for row in rows}


def read_bounds(store: Store, session_id: str) -> list[tuple[int, int]]:
    """Return the first and last event of each chunk of a session, in order."""
    query = select(_chunks.first, _chunks.last).where(_chunks.session_id == session_id)
    with store.engine.connect() as connection:
        return [(row.first, row.last) for row in connection.execute(query.order_by(_chunks.first))]


def _chunk_query(session_id: str) -> Select[Any]:
    blobs = (_chunks.data, _chunks.keyframe, _chunks.growing)
    return select(*_OUTLINE, *blobs).where(_chunks.session_id == session_id)


def _overlapping(session_id: str, first: int, last: int | None) -> list[ColumnElement[bool]]:
    conditions = [_chunks.session_id == session_id, _chunks.last >= first]
    if last is not None:
        conditions.append(_chunks.first <= last)
    return conditions


def _chunk(row: RowMapping) -> Chunk:
    return Chunk(
        row["session_id"],
        row["first"],
        row["last"],
        row["start_ns"],
        row["end_ns"],
        _whole(decompress(row["codec"], row["data"])),
        decompress(row["codec"], row["keyframe"]),
        _unpacked(row["codec"], row["sites"]),
        _unpacked(row["codec"], row["kinds"]),
        row["growing"],
    )


def _whole(data: bytes) -> bytes:
    # Few chunks that hold none have these two bytes anywhere.
    if _REFERENCE not in data:
        return data
    try:
        return put_back(data)
    except ValueError as error:
        message = f"a chunk of the database cannot be read: {error}"
        raise FormatError(message) from error


def _unpacked(codec: str, blob: bytes) -> Any:  # noqa: ANN401 - the caller knows what it wrote
    return msgpack.unpackb(
        decompress(codec, blob),
        use_list=False,
        strict_map_key=False,
        unicode_errors="surrogatepass",
    )


def read_modules(store: Store, process_id: str) -> list[Module]:
    """Return the modules of a process with their sites, in the order of loading."""
    table = schema.modules
    query = select(table).where(table.c.process_id == process_id).order_by(table.c.base)
    with store.engine.connect() as connection:
        return [_module(row) for row in connection.execute(query).mappings()]


def read_module_files(store: Store, recording_id: str) -> list[tuple[str, str]]:
    """Return name and path of each module that was given probes, once, in the order of names."""
    table, processes = schema.modules, schema.processes
    query = select(table.c.name, table.c.path).distinct().join(processes)
    query = query.where(processes.c.recording_id == recording_id)
    with store.engine.connect() as connection:
        rows = connection.execute(query.order_by(table.c.name, table.c.path))
        return [(row.name, row.path) for row in rows]


def _module(row: RowMapping) -> Module:
    return Module(
        row["process_id"],
        row["base"],
        row["name"],
        row["path"],
        row["file_hash"],
        tuple(Function(*facts[:4]) for facts in _unpacked(row["codec"], row["functions"])),
        tuple(Site(*facts[:8]) for facts in _unpacked(row["codec"], row["sites"])),
    )


def read_source(store: Store, file_hash: str) -> bytes | None:
    """Return a source text's bytes as they were when it was loaded, or None if it is not kept."""
    table = schema.files
    query = select(table.c.codec, table.c.source).where(table.c.hash == file_hash)
    with store.engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else decompress(row.codec, row.source)


def read_recording(store: Store, recording_id: str) -> Recording | None:
    """Return a recording, or None."""
    query = select(schema.recordings).where(schema.recordings.c.id == recording_id)
    with store.engine.connect() as connection:
        return next(map(Recording._make, connection.execute(query)), None)


def read_processes(store: Store, recording_id: str) -> list[Process]:
    """Return the processes of a recording, in the order of their start."""
    table = schema.processes
    query = select(table).where(table.c.recording_id == recording_id)
    with store.engine.connect() as connection:
        return list(map(Process._make, connection.execute(query.order_by(table.c.started_ns))))


def read_process(store: Store, process_id: str) -> Process | None:
    """Return a process, or None."""
    query = select(schema.processes).where(schema.processes.c.id == process_id)
    with store.engine.connect() as connection:
        return next(map(Process._make, connection.execute(query)), None)


def read_reports(store: Store, recording_id: str) -> list[Report]:
    """Return a recording's reports, as each process gave them."""
    table, processes = schema.reports, schema.processes
    query = select(table).join(processes).where(processes.c.recording_id == recording_id)
    with store.engine.connect() as connection:
        rows = connection.execute(query.order_by(table.c.process_id, table.c.number))
        return list(map(Report._make, rows))


def read_status(store: Store) -> Status:
    """Return figures of the whole database."""
    sessions = select(func.count()).select_from(schema.sessions)
    recording = select(func.count()).where(schema.processes.c.status == RUNNING)
    with store.engine.connect() as connection:
        return Status(
            sessions=connection.scalar(sessions) or 0,
            bytes=_size(connection),
            recording=connection.scalar(recording) or 0,
        )


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
