"""What a writer needs to go on where an earlier one stopped."""

from sqlalchemy import func, select

from rewind.store import schema
from rewind.store.opening import Store
from rewind.store.rows import FunctionCalls, StreamPosition, Totals


def read_positions(store: Store, process_id: str) -> list[StreamPosition]:
    """Return how far each stream of a process has been stored."""
    table = schema.streams
    query = select(table).where(table.c.process_id == process_id)
    with store.engine.connect() as connection:
        return list(map(StreamPosition._make, connection.execute(query)))


def read_function_calls(store: Store, session_id: str) -> list[FunctionCalls]:
    """Return how often a session called each function, by module and name."""
    table = schema.session_functions
    query = select(table).where(table.c.session_id == session_id)
    with store.engine.connect() as connection:
        return sorted(map(FunctionCalls._make, connection.execute(query)))


def read_totals(store: Store, process_id: str) -> Totals:
    """Return what is kept of a process."""
    sessions, chunks = schema.sessions.c, schema.chunks.c
    kept = select(
        func.count(),
        *(
            func.coalesce(func.sum(c), 0)
            for c in (sessions.events, sessions.dropped, sessions.redacted)
        ),
    ).where(sessions.process_id == process_id)
    size = (
        select(func.coalesce(func.sum(chunks.size), 0))
        .join(schema.sessions)
        .where(sessions.process_id == process_id)
    )
    with store.engine.connect() as connection:
        count, events, dropped, redacted = map(int, connection.execute(kept).one())
        return Totals(count, events, dropped, redacted, int(connection.scalar(size) or 0))
