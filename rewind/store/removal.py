"""Takes sessions out of the database, and what only they needed, without stopping anybody.

Each transaction is small, and between two of them others have their turn. A session with many
chunks gives up its oldest first, and says so: a reader in between meets a shorter session, never
one with a hole.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from time import monotonic, sleep
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, text, update

from rewind.store import schema
from rewind.store.opening import Store, refuse_exported, writing
from rewind.store.rows import RUNNING
from rewind.store.watch import notify

_SESSIONS_AT_ONCE = 200
_CHUNKS_AT_ONCE = 500
"""Removed in one transaction, at most: a few milliseconds, whatever they hold."""

_LONGEST_PAUSE_S = 0.05
_KEY = 0x52574E45
"""Of the Postgres advisory lock: those who remove take turns, and so cannot deadlock."""

_sessions, _chunks = schema.sessions.c, schema.chunks.c


def is_removable() -> ColumnElement[bool]:
    """Return the condition on sessions that may go unasked: neither running nor pinned."""
    return (_sessions.status != RUNNING) & ~_sessions.pinned


def remove(store: Store, ids: Collection[str], *, asked: bool = False) -> Iterator[int]:
    """Remove sessions of those ids; yields after each transaction how many it has removed.

    Those that run or are pinned by now stay, unless a person has `asked` for it. What only they
    needed goes last. Raises `StoreError`, for an exported file among others; what was removed until
    then is gone, and the rest is whole.
    """
    yield from remove_sessions(store, ids, asked=asked)
    remove_unreferred(store)


def remove_sessions(store: Store, ids: Collection[str], *, asked: bool = False) -> Iterator[int]:
    """Remove sessions as `remove` does, but not what only they needed."""
    refuse_exported(store)
    for part in _parts(ids, _SESSIONS_AT_ONCE):
        chunks = _chunk_counts(store, part)
        for step in _steps(part, chunks):
            # One that has many is alone.
            while chunks.get(step[0], 0) > _CHUNKS_AT_ONCE and _shorten(store, step, asked=asked):
                yield 0
            yield _in_turn(store, lambda c, step=step: _remove(c, _doomed(c, step, asked=asked)))


def remove_unreferred(store: Store) -> None:
    """Remove recordings, modules and sources to which nothing refers any more."""
    while _in_turn(store, _remove_unreferred):
        pass


def _parts(ids: Collection[str], size: int) -> Iterator[Sequence[str]]:
    rest = iter(ids)
    while part := list(islice(rest, size)):
        yield part


def _steps(ids: Iterable[str], chunks: Mapping[str, int]) -> Iterator[Sequence[str]]:
    """Yield the ids in parts that have no more chunks than go at once, or are one session."""
    step: list[str] = []
    taken = 0
    for each in ids:
        taken += chunks.get(each, 0)
        if step and taken > _CHUNKS_AT_ONCE:
            yield step
            step, taken = [], chunks.get(each, 0)
        step.append(each)
    yield step


def _chunk_counts(store: Store, ids: Sequence[str]) -> dict[str, int]:
    query = select(_chunks.session_id, func.count()).where(_chunks.session_id.in_(ids))
    with store.engine.connect() as connection:
        return dict(connection.execute(query.group_by(_chunks.session_id)).all())


def _in_turn(store: Store, change: Any) -> int:  # noqa: ANN401 - a function of a connection
    """Run one small transaction, then leave others as much time as it took."""
    began = monotonic()
    with writing(store) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})
        removed = int(change(connection))
        if removed:
            notify(connection)
    sleep(min(monotonic() - began, _LONGEST_PAUSE_S))
    return removed


def _doomed(connection: Connection, ids: Sequence[str], *, asked: bool) -> list[str]:
    """Return those of the sessions that may still go: their state may have changed meanwhile."""
    query = select(_sessions.id).where(_sessions.id.in_(ids))
    return list(connection.scalars(query if asked else query.where(is_removable())))


def _shorten(store: Store, ids: Sequence[str], *, asked: bool) -> int:
    """Remove the oldest chunks of one of the sessions, if one of them has many."""
    return _in_turn(store, lambda c: _remove_first_chunks(c, _doomed(c, ids, asked=asked)))


def _remove_first_chunks(connection: Connection, found: Sequence[str]) -> int:
    for session in found:
        mine = _chunks.session_id == session
        query = select(_chunks.first).where(mine).order_by(_chunks.first)
        kept = connection.scalar(query.offset(_CHUNKS_AT_ONCE).limit(1))
        if kept is not None:
            connection.execute(delete(schema.chunks).where(mine, _chunks.first < kept))
            shorter = update(schema.sessions).where(_sessions.id == session)
            connection.execute(shorter.values(first_event=kept))
            return 1
    return 0


def _remove(connection: Connection, ids: Sequence[str]) -> int:
    for table in (schema.chunks, schema.session_functions):
        connection.execute(delete(table).where(table.c.session_id.in_(ids)))
    connection.execute(delete(schema.sessions).where(_sessions.id.in_(ids)))
    return len(ids)


def _remove_unreferred(connection: Connection) -> int:
    processes, recordings = schema.processes, schema.recordings
    modules, files = schema.modules, schema.files
    idle = select(recordings.c.id).where(
        ~exists().where(_sessions.recording_id == recordings.c.id),
        ~exists().where(processes.c.recording_id == recordings.c.id, processes.c.status == RUNNING),
    )
    doomed = list(connection.scalars(idle.limit(_SESSIONS_AT_ONCE)))
    theirs = select(processes.c.id).where(processes.c.recording_id.in_(doomed))
    for table in (modules, schema.reports, schema.streams):
        connection.execute(delete(table).where(table.c.process_id.in_(theirs)))
    connection.execute(delete(processes).where(processes.c.recording_id.in_(doomed)))
    connection.execute(delete(recordings).where(recordings.c.id.in_(doomed)))
    unused: Any = ~exists().where(modules.c.file_hash == files.c.hash)
    connection.execute(delete(files).where(unused))
    return len(doomed)
