"""A session as the writer builds it: events numbered, cut into chunks, each with its keyframe.

Its follower takes events in; a flush takes the rows. The last chunk of a running session is stored
again at every flush, so that readers see the session grow.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rewind.store import Chunk, FunctionCalls, Session
from rewind.store.rows import RUNNING
from rewind.writer.following import Calls
from rewind.writer.records import clock_of
from rewind.writer.settings import STOP, WriterSettings
from rewind.writer.sites import Sites, added


class Ending(NamedTuple):
    """What is said of a session that is over."""

    status: str
    duration_ns: int
    error_type: str | None = None
    error_message: str | None = None
    error_event: int | None = None
    tags: Mapping[str, object] = {}
    """Beside those that it has."""


class Rows(NamedTuple):
    """What of a session is to be stored."""

    session: Session
    chunks: list[Chunk]
    functions: list[FunctionCalls]


class OpenSession:
    """One session that is being recorded. Used by the writer's one thread."""

    __slots__ = (
        *("_called", "_calls", "_first", "_firsts", "_keyframe", "_limit", "_sealed", "_sites"),
        *("_size", "_stops_at", "age", "changed", "ending", "follower", "is_stored", "origin_ns"),
        *("row", "sealed_bytes"),
    )

    def __init__(self, row: Session, sites: Sites, settings: WriterSettings) -> None:
        self.row = row
        """As it began, with what was learned of it since."""
        self.age = row.start_ns, row.id
        """By which older sessions make room first."""
        self.ending: Ending | None = None
        self.origin_ns = row.origin_ns
        self.follower = sites.following.follower(sites.table, row.origin_ns)
        """Takes its events in."""
        self.changed = True
        """Whether there is something to store."""
        self.is_stored = False
        """Whether anything of it is, or was to be."""
        self._sites = sites
        self._limit = settings.max_events_per_session
        self._stops_at = self._limit if settings.overflow == STOP else 0
        self._size = settings.chunk_size
        self._sealed: list[Chunk] = []
        self.sealed_bytes = 0
        """Of the chunks that wait for a flush, as they are before compression."""
        self._firsts: list[int] = []
        self._calls: Calls = {}
        """Of the chunks that are full."""
        self._called: set[tuple[str, str]] = set()
        """The functions whose calls became more in them since the last time."""
        self._begin_chunk(self.follower.seal())

    @property
    def events(self) -> int:
        """Number of the last event."""
        return self.follower.events

    @property
    def end_ns(self) -> int:
        """Of the last event, since the session's start."""
        return self.follower.end_ns

    def _begin_chunk(self, before: bytes) -> None:
        self._keyframe = before
        self._first = self.events + 1
        self._firsts.append(self._first)
        boundary = self.events + self._size
        if self._stops_at:
            boundary = min(boundary, self._stops_at)
        self.follower.boundary = boundary

    def reopen(self, chunk: Chunk, firsts: Iterable[int], calls: Iterable[FunctionCalls]) -> None:
        """Go back to before a stored session's last chunk, whose events are then to be read again.

        `firsts` are those of all its chunks; `calls` count the ones in this chunk too.
        """
        self.is_stored = True
        self.follower.restore(chunk.keyframe, clock_of(chunk.data) or 0)
        self.follower.events = chunk.first - 1
        self._firsts = [first for first in firsts if first < chunk.first]
        _, again = self._sites.table.counts(chunk.sites)
        stored = {(row.module, row.function): row.calls for row in calls}
        self._calls = {name: count - again.get(name, 0) for name, count in stored.items()}
        self._begin_chunk(chunk.keyframe)
        self.follower.boundary = max(self.follower.boundary, chunk.last)

    def leave(self) -> None:
        """Add nothing more to the last chunk; the next event begins another one."""
        if self.events >= self._first:
            self.seal()

    def makes_room(self) -> bool:
        """Return whether its chunk takes another event; if that is full, the next one begins.

        False: the session has all the events it may have.
        """
        if 0 < self._stops_at <= self.events:
            return False
        if self.follower.events >= self.follower.boundary:
            self.seal()
        return True

    def seal(self) -> None:
        """Close the full chunk and begin the next one."""
        chunk, calls = self._chunk(growing=False)
        self._sealed.append(chunk)
        self.sealed_bytes += len(chunk.data) + len(chunk.keyframe)
        self._calls.update(added(self._calls, calls))
        self._called.update(calls)
        self._begin_chunk(self.follower.seal())

    def end(self, ending: Ending) -> None:
        """Say that it is over."""
        self.ending = ending
        self.changed = True

    def drop(self, count: int) -> None:
        """Count events that were not recorded."""
        self.row = self.row._replace(dropped=self.row.dropped + count)
        self.changed = True

    def redact(self, count: int) -> None:
        """Count values that were withheld."""
        self.row = self.row._replace(redacted=self.row.redacted + count)
        self.changed = True

    def take(self) -> Rows:
        """Return what changed since the last time."""
        self._forget()
        kept, row = self._firsts[0], self.current()
        chunks = [chunk for chunk in self._sealed if chunk.first >= kept]
        calls = {name: self._calls[name] for name in self._called}
        if self.events >= self._first:
            chunk, more = self._chunk(growing=row.status == RUNNING)
            chunks.append(chunk)
            calls.update(added(self._calls, more))
        self._sealed, self.sealed_bytes, self.changed = [], 0, False
        self.is_stored = True
        self._called.clear()
        functions = [FunctionCalls(row.id, *name, calls[name]) for name in sorted(calls)]
        return Rows(row, chunks, functions)

    def current(self) -> Session:
        """Return its row as it is now."""
        row, how, first = self.row, self.ending, self._firsts[0]
        if how is None:
            return row._replace(events=self.events, first_event=first)
        return row._replace(
            status=how.status,
            duration_ns=how.duration_ns,
            events=self.events,
            first_event=first,
            error_type=how.error_type,
            error_message=how.error_message,
            error_event=how.error_event,
            tags={**row.tags, **how.tags},
        )

    def _forget(self) -> None:
        """Let go of the oldest chunks while there are more events than there may be."""
        while self._limit and self.events - self._firsts[0] >= self._limit:
            del self._firsts[0]

    def _chunk(self, *, growing: bool) -> tuple[Chunk, Calls]:
        """Return the open chunk, and which functions were called in it."""
        data, sites = self.follower.chunk()
        kinds, calls = self._sites.table.counts(sites)
        chunk = Chunk(
            session_id=self.row.id,
            first=self._first,
            last=self.events,
            start_ns=self.follower.start_ns,
            end_ns=self.end_ns,
            data=data,
            keyframe=self._keyframe,
            sites=sites,
            kinds=kinds,
            growing=growing,
        )
        return chunk, calls
