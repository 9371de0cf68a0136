"""Keeps the database within its bounds: which sessions go, and in which order.

Neither running nor pinned sessions are ever among them, and pinned ones count for no bound.
`docs/keeping.md` tells the rules to those who use them.
"""

from collections.abc import Iterator
from itertools import islice
from time import monotonic, time_ns
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from rewind.config import Settings, seconds
from rewind.store import schema
from rewind.store.opening import Store
from rewind.store.partitions import drop_whole_days
from rewind.store.removal import is_removable, remove_sessions, remove_unreferred
from rewind.store.rights import may_delete
from rewind.store.rows import FAILED

_AT_ONCE = 1000
"""Sessions that are looked for at once while a writer has other things to do."""

_SECOND_NS: Final = 1_000_000_000

_sessions, _chunks = schema.sessions.c, schema.chunks.c


class Bounds(NamedTuple):
    """What the database keeps; None: no bound."""

    max_sessions: int | None = None
    max_age_ns: int | None = None
    """Since a session's end."""
    max_bytes: int | None = None
    """Of chunks and sources, as they are stored."""
    keep_longer: tuple[str, ...] = ()
    """As the setting of that name."""

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        """Return the bounds that the settings say."""
        age = settings.max_age
        return cls(
            settings.max_sessions,
            None if age is None else int(seconds(age) * _SECOND_NS),
            settings.max_bytes,
            settings.keep_longer,
        )

    def dear(self, kept: int) -> int:
        """Return how many of so many sessions outlive the others, where so many failed."""
        return kept // 2 if "error" in self.keep_longer else 0


class Doomed(NamedTuple):
    """A session that goes, and why."""

    id: str
    trigger: str
    status: str
    start_ns: int
    bytes: int
    """Of its chunks."""
    why: str
    """The setting whose bound it is beyond."""


def doomed(store: Store, bounds: Bounds, limit: int | None = None) -> list[Doomed]:
    """Return the sessions that are beyond the bounds, in the order in which they go.

    At most `limit` of them, where it is given.
    """
    with store.engine.connect() as connection, connection.begin():
        return list(islice(_Choice(connection, bounds).doomed(), limit))


def retain(store: Store, bounds: Bounds, budget_s: float | None = None) -> int:
    """Remove what is beyond the bounds; returns how many sessions went.

    Ends early once it has taken `budget_s` seconds, after a whole step. On a server nothing goes
    where the role has no right to delete. Raises `StoreError`.
    """
    end = None if budget_s is None else monotonic() + budget_s
    if not may_remove(store):
        return 0
    drop_whole_days(store, _beyond(store, bounds))
    removed = before = 0
    late = False
    while not late and (found := doomed(store, bounds, _AT_ONCE)):
        for count in remove_sessions(store, [each.id for each in found]):
            removed += count
            late = end is not None and monotonic() > end
            if late:
                break
        if removed == before:  # all of them were pinned, or removed by others, meanwhile
            break
        before = removed
    if removed:
        remove_unreferred(store)
    return removed


def may_remove(store: Store) -> bool:
    """Return whether sessions may be removed: a server's role may have no right to."""
    with store.engine.connect() as connection:
        return may_delete(connection, schema.chunks.name)


def _beyond(store: Store, bounds: Bounds) -> Iterator[str]:
    """Yield the ids of all that goes; nothing is looked for before the first is asked for."""
    for each in doomed(store, bounds):
        yield each.id


class _Choice:
    """Chooses what goes, within one transaction of a connection."""

    def __init__(self, connection: Connection, bounds: Bounds) -> None:
        self._connection = connection
        self._bounds = bounds
        self._now_ns = time_ns()

    def doomed(self) -> Iterator[Doomed]:
        """Yield what is too old, then what is too much, then what is too large."""
        kept, size = self._count(), None
        if self._bounds.max_bytes is not None:
            size = self._size()
        gone: set[str] = set()
        for each in self._of_all_bounds(kept, size, gone):
            gone.add(each.id)
            yield each

    def _of_all_bounds(self, kept: int, size: int | None, gone: set[str]) -> Iterator[Doomed]:
        bounds = self._bounds
        for each in self._oldest(self._is_expired(), "max_age"):
            kept -= 1
            size = None if size is None else size - each.bytes
            yield each
        if bounds.max_sessions is not None and kept > bounds.max_sessions:
            excess = kept - bounds.max_sessions
            for each in islice(self._by_worth(bounds.max_sessions, "max_sessions"), excess):
                kept -= 1
                size = None if size is None else size - each.bytes
                yield each
        if bounds.max_bytes is None or size is None or size <= bounds.max_bytes:
            return
        for each in self._by_worth(kept, "max_bytes"):
            if each.id not in gone:
                yield each
                size -= each.bytes
                if size <= bounds.max_bytes:
                    return

    def _by_worth(self, kept: int, why: str) -> Iterator[Doomed]:
        """Yield what may go beside that which is too old: the oldest first, what is dear last."""
        dear = self._is_dear(self._bounds.dear(kept))
        fresh = ~self._is_expired()
        yield from self._oldest(and_(fresh, ~dear), why)
        yield from self._oldest(and_(fresh, dear), why)

    def _is_dear(self, most: int) -> ColumnElement[bool]:
        """Return the condition on the newest sessions that failed, up to so many."""
        if not most:
            return false()
        failed = _sessions.status.in_(FAILED) & ~_sessions.pinned
        order = (_sessions.start_ns.desc(), _sessions.id.desc())
        query = select(_sessions.start_ns, _sessions.id).where(failed).order_by(*order)
        last = self._connection.execute(query.offset(most - 1).limit(1)).one_or_none()
        if last is None:
            return failed
        start_ns, name = last
        newer = or_(
            _sessions.start_ns > start_ns,
            and_(_sessions.start_ns == start_ns, _sessions.id >= name),
        )
        return and_(failed, newer)

    def _is_expired(self) -> ColumnElement[bool]:
        if self._bounds.max_age_ns is None:
            return false()
        oldest = self._now_ns - self._bounds.max_age_ns
        ended = _sessions.start_ns + func.coalesce(_sessions.duration_ns, 0)
        # The first one is what an index can answer.
        return and_(_sessions.start_ns < oldest, ended < oldest)

    def _oldest(self, condition: ColumnElement[bool], why: str) -> Iterator[Doomed]:
        sizes = select(func.coalesce(func.sum(_chunks.size), 0))
        columns = (_sessions.id, _sessions.trigger, _sessions.status, _sessions.start_ns)
        query = (
            select(*columns, sizes.where(_chunks.session_id == _sessions.id).scalar_subquery())
            .where(is_removable(), condition)
            .order_by(_sessions.start_ns, _sessions.id)
        )
        streamed = {"yield_per": _AT_ONCE}
        with self._connection.execute(query, execution_options=streamed) as found:
            for name, trigger, status, start_ns, size in found:
                yield Doomed(name, trigger, status, start_ns, int(size), why)

    def _count(self) -> int:
        query = select(func.count()).select_from(schema.sessions).where(~_sessions.pinned)
        return int(self._connection.scalar(query) or 0)

    def _size(self) -> int:
        """Return the bytes of all chunks that are not of pinned sessions, and of all sources."""
        every = select(func.coalesce(func.sum(_chunks.size), 0))
        pinned = every.where(_chunks.session_id.in_(select(_sessions.id).where(_sessions.pinned)))
        source = func.coalesce(func.sum(func.length(schema.files.c.source)), 0)
        total, out, sources = (
            self._connection.scalar(query) or 0 for query in (every, pinned, select(source))
        )
        return int(total) - int(out) + int(sources)
