"""Keeps the database within its bound: the oldest sessions go, and what only they needed.

Sessions that still run are never removed, and neither is a recording one of whose processes is.
"""

from typing import Any

from sqlalchemy import Connection, delete, exists, func, select

from rewind.store import schema
from rewind.store.opening import Store, writing
from rewind.store.rows import RUNNING

_AT_ONCE = 500
"""Sessions removed in one statement: SQLite bounds the parameters of one."""


def retain(store: Store, max_sessions: int) -> int:
    """Remove the oldest sessions beyond `max_sessions`; returns how many went.

    Recordings, modules and sources to which nothing refers any more go with them. Raises
    `StoreError` and leaves nothing half done.
    """
    with writing(store) as connection, connection.begin():
        removed = 0
        while doomed := _oldest(connection, max_sessions):
            _remove_sessions(connection, doomed)
            removed += len(doomed)
        if removed:
            _remove_unreferred(connection)
        return removed


def _oldest(connection: Connection, max_sessions: int) -> list[str]:
    table = schema.sessions
    excess = (connection.scalar(select(func.count()).select_from(table)) or 0) - max_sessions
    if excess <= 0:
        return []
    query = (
        select(table.c.id)
        .where(table.c.status != RUNNING)
        .order_by(table.c.start_ns, table.c.id)
        .limit(min(excess, _AT_ONCE))
    )
    return list(connection.scalars(query))


def _remove_sessions(connection: Connection, ids: list[str]) -> None:
    for table in (schema.chunks, schema.session_functions):
        connection.execute(delete(table).where(table.c.session_id.in_(ids)))
    connection.execute(delete(schema.sessions).where(schema.sessions.c.id.in_(ids)))


def _remove_unreferred(connection: Connection) -> None:
    sessions, processes = schema.sessions, schema.processes
    recordings, modules, files = schema.recordings, schema.modules, schema.files
    idle = select(recordings.c.id).where(
        ~exists().where(sessions.c.recording_id == recordings.c.id),
        ~exists().where(processes.c.recording_id == recordings.c.id, processes.c.status == RUNNING),
    )
    doomed = list(connection.scalars(idle))
    theirs = select(processes.c.id).where(processes.c.recording_id.in_(doomed))
    for table in (modules, schema.reports, schema.streams):
        connection.execute(delete(table).where(table.c.process_id.in_(theirs)))
    connection.execute(delete(processes).where(processes.c.recording_id.in_(doomed)))
    connection.execute(delete(recordings).where(recordings.c.id.in_(doomed)))
    unused: Any = ~exists().where(modules.c.file_hash == files.c.hash)
    connection.execute(delete(files).where(unused))
