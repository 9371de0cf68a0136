"""What the writer adds: everything of one flush, in one transaction.

A batch says how things are and not what was added to them, so that one whose commit may or may
not have reached the database is simply sent again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import msgpack
from sqlalchemy import Connection, delete, select

from rewind.store import schema
from rewind.store.codec import compress
from rewind.store.opening import Store, writing
from rewind.store.partitions import look_ahead
from rewind.store.putting import Row, put
from rewind.store.rights import may_delete
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
from rewind.store.watch import notify

_WORTH_SHARING = 1 << 16
"""Bytes of a thread's share below which one core is as fast."""
_SMALL = 1 << 12
"""Bytes of a chunk below which threads only wait for each other: compressing lets go of the
interpreter's lock for less time than it takes to get it back."""

_AT_ONCE = 500
"""Sessions named in one statement: SQLite bounds its parameters."""


@dataclass(slots=True)
class Batch:
    """One flush. Rows that exist already are replaced where they can have changed."""

    recordings: list[Recording] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    """Chunks before a session's `first_event` are removed."""
    functions: list[FunctionCalls] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    """Ids of sessions that are to be there no more, unless somebody has pinned them."""
    positions: list[StreamPosition] = field(default_factory=list)
    """Of a process that has ended, they are removed."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def append(store: Store, batch: Batch, codec: str, cores: int = 1) -> None:
    """Store a batch; its chunks are compressed on so many cores.

    Raises `StoreError` and leaves nothing half done.
    """
    full = [chunk for chunk in batch.chunks if not chunk.growing]
    growing = [chunk for chunk in batch.chunks if chunk.growing]
    chunks, open_chunks = _chunk_rows(full, codec, cores), _chunk_rows(growing, codec, cores)
    look_ahead(store, (session.id for session in batch.sessions))
    with writing(store) as connection, connection.begin():
        put(connection, schema.recordings, batch.recordings, replace=False)
        put(connection, schema.processes, batch.processes)
        put(connection, schema.files, _file_rows(batch.files, codec), replace=False)
        modules = (_module_row(module, codec) for module in batch.modules)
        put(connection, schema.modules, modules, replace=False)
        put(connection, schema.sessions, batch.sessions)
        put(connection, schema.session_functions, batch.functions)
        put(connection, schema.chunks, chunks, replace=False)
        put(connection, schema.open_chunks, open_chunks)
        put(connection, schema.reports, batch.reports, replace=False)
        put(connection, schema.streams, batch.positions)
        _remove(connection, batch)
        notify(connection)


def _remove(connection: Connection, batch: Batch) -> None:
    chunks, open_chunks, streams = schema.chunks, schema.open_chunks, schema.streams
    growing = {chunk.session_id for chunk in batch.chunks if chunk.growing}
    full = sorted({chunk.session_id for chunk in batch.chunks} - growing)
    for first in range(0, len(full), _AT_ONCE):
        some = full[first : first + _AT_ONCE]
        connection.execute(delete(open_chunks).where(open_chunks.c.session_id.in_(some)))
    shortened = [session for session in batch.sessions if session.first_event > 1]
    if shortened and may_delete(connection, chunks.name):
        for session in shortened:
            stale = (chunks.c.session_id == session.id, chunks.c.first < session.first_event)
            connection.execute(delete(chunks).where(*stale))
    _discard(connection, batch.discarded)
    ended = [process.id for process in batch.processes if process.status != RUNNING]
    if ended:
        connection.execute(delete(streams).where(streams.c.process_id.in_(ended)))


def _discard(connection: Connection, ids: Sequence[str]) -> None:
    if not ids or not may_delete(connection, schema.sessions.name):
        return
    sessions = schema.sessions
    for first in range(0, len(ids), _AT_ONCE):
        some = sessions.c.id.in_(ids[first : first + _AT_ONCE])
        gone = list(connection.scalars(select(sessions.c.id).where(some, ~sessions.c.pinned)))
        for table in (schema.chunks, schema.open_chunks, schema.session_functions):
            connection.execute(delete(table).where(table.c.session_id.in_(gone)))
        connection.execute(delete(sessions).where(sessions.c.id.in_(gone)))


def _file_rows(files: Iterable[File], codec: str) -> Iterable[Row]:
    # In one order for all writers, so that two who bring the same texts cannot deadlock.
    for file in sorted(files):
        yield file.hash, codec, compress(codec, file.source), len(file.source)


def _module_row(module: Module, codec: str) -> Row:
    pack = _packer()
    functions = compress(codec, pack(module.functions))
    return (*module[:5], codec, functions, compress(codec, pack(module.sites)))


def _chunk_rows(chunks: Sequence[Chunk], codec: str, cores: int) -> list[Row]:
    """Return the rows; what many short sessions have in common is compressed once."""
    known: dict[bytes, bytes] = {}
    pack = _packer()

    def common(raw: bytes) -> bytes:
        found = known.get(raw)
        if found is None:
            found = known[raw] = compress(codec, raw)
        return found

    rows: list[Row] = []
    # What is small is compressed here: threads would wait for each other at each one.
    for chunk, data in zip(chunks, _compressed(chunks, codec, cores), strict=True):
        keyframe = common(chunk.keyframe)
        sites, kinds = common(pack(chunk.sites)), common(pack(chunk.kinds))
        size = len(data) + len(keyframe) + len(sites) + len(kinds)
        rows.append((*chunk[:5], codec, data, keyframe, sites, kinds, size))
    return rows


def _compressed(chunks: Sequence[Chunk], codec: str, cores: int) -> Iterable[bytes]:
    """Return the chunks' records, compressed, of which the large ones were on so many cores."""
    large = [chunk.data for chunk in chunks if len(chunk.data) > _SMALL]
    if cores == 1 or sum(map(len, large)) < cores * _WORTH_SHARING:
        return (compress(codec, chunk.data) for chunk in chunks)
    # Only here: most recordings end without it.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    share = -(-len(large) // cores)
    parts = [large[first : first + share] for first in range(0, len(large), share)]
    with ThreadPoolExecutor(cores) as threads:
        done = list(threads.map(lambda part: [compress(codec, raw) for raw in part], parts))
    ready = chain.from_iterable(done)
    return (
        next(ready) if len(chunk.data) > _SMALL else compress(codec, chunk.data) for chunk in chunks
    )


def _packer() -> Callable[[object], bytes]:
    """Return what makes bytes of values; for one thread."""
    pack: Callable[[object], bytes] = msgpack.Packer(unicode_errors="surrogatepass").pack
    return pack
