"""Figures of what the database holds: how much of what, and which sessions take most of it."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, func, select

from rewind.store import schema
from rewind.store.opening import Store
from rewind.store.reading import read_status

_sessions, _chunks = schema.sessions.c, schema.kept_chunks.c


class LargeSession(NamedTuple):
    """One of the sessions that take most."""

    id: str
    trigger: str
    events: int
    bytes: int
    """Of its chunks."""


class Statistics(NamedTuple):
    """Figures of a whole database."""

    sessions: int
    statuses: Mapping[str, int]
    """How many sessions have each status that occurs."""
    pinned: int
    recordings: int
    processes: int
    events: int
    """Those that are kept."""
    chunks: int
    bytes: int
    """Of the database itself, what is free in it included."""
    parts: Mapping[str, int]
    """Bytes of events, keyframes, counts (what occurs in which chunk), sources and modules."""
    largest: tuple[LargeSession, ...]
    oldest_ns: int | None
    """When the oldest session began; wall clock."""
    newest_ns: int | None

    @property
    def bytes_per_event(self) -> float | None:
        """What an event takes on average, with its share of keyframes and counts."""
        taken = sum(self.parts[part] for part in ("events", "keyframes", "counts"))
        return taken / self.events if self.events else None


def read_statistics(store: Store, largest: int = 5) -> Statistics:
    """Return the figures, with so many of the largest sessions."""
    whole = read_status(store).bytes
    with store.engine.connect() as connection, connection.begin():
        statuses = _statuses(connection)
        kept = func.sum(_sessions.events - _sessions.first_event + 1)
        events, pinned, oldest, newest = connection.execute(
            select(
                func.coalesce(kept, 0),
                select(func.count()).where(_sessions.pinned).scalar_subquery(),
                func.min(_sessions.start_ns),
                func.max(_sessions.start_ns),
            )
        ).one()
        return Statistics(
            sessions=sum(statuses.values()),
            statuses=statuses,
            pinned=int(pinned),
            recordings=_count(connection, schema.recordings),
            processes=_count(connection, schema.processes),
            events=int(events),
            chunks=_count(connection, schema.kept_chunks),
            bytes=whole,
            parts=_parts(connection),
            largest=_largest(connection, largest),
            oldest_ns=oldest,
            newest_ns=newest,
        )


def _statuses(connection: Connection) -> dict[str, int]:
    query = select(_sessions.status, func.count()).group_by(_sessions.status)
    return {status: int(count) for status, count in connection.execute(query)}


def _count(connection: Connection, table: FromClause) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _parts(connection: Connection) -> dict[str, int]:
    sizes = {
        "events": (_chunks.data,),
        "keyframes": (_chunks.keyframe,),
        "counts": (_chunks.sites, _chunks.kinds),
        "sources": (schema.files.c.source,),
        "modules": (schema.modules.c.functions, schema.modules.c.sites),
    }
    return {part: _bytes(connection, *columns) for part, columns in sizes.items()}


def _bytes(connection: Connection, *columns: ColumnElement[bytes]) -> int:
    lengths = (func.coalesce(func.sum(func.length(column)), 0) for column in columns)
    return sum(map(int, connection.execute(select(*lengths)).one()))


def _largest(connection: Connection, count: int) -> tuple[LargeSession, ...]:
    size = func.sum(_chunks.size)
    query = (
        select(_sessions.id, _sessions.trigger, _sessions.events, size)
        .join(schema.kept_chunks, _chunks.session_id == _sessions.id)
        .group_by(_sessions.id, _sessions.trigger, _sessions.events)
        .order_by(size.desc(), _sessions.id)
        .limit(count)
    )
    found = connection.execute(query)
    return tuple(LargeSession(*row[:3], int(row[3])) for row in found)
