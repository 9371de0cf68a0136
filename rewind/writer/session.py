"""A session as the writer builds it: events numbered, cut into chunks, each with its keyframe.

The decoder appends; a flush takes the rows. The last chunk of a running session is stored again at
every flush, so that readers see the session grow.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

from rewind.store import Chunk, FunctionCalls, Session
from rewind.writer import keyframe
from rewind.writer.callstack import CallStack
from rewind.writer.settings import STOP, WriterSettings
from rewind.writer.sites import Sites


class Rows(NamedTuple):
    """What of a session is to be stored."""

    session: Session
    chunks: list[Chunk]
    functions: list[FunctionCalls]


class OpenSession:
    """One session that is being recorded. Used by the writer's one thread."""

    def __init__(self, row: Session, sites: Sites, settings: WriterSettings) -> None:
        self.row = row
        self.origin_ns = row.origin_ns
        self.stack = CallStack()
        self.events = 0
        """Number of the last event."""
        self.parts: list[bytes] = []
        """Records of the open chunk, in pieces."""
        self.seen: list[int] = []
        """Sites of its events, in order."""
        self.start_ns: int | None = None
        """Of its first event, since the session's start; None while it has none."""
        self.end_ns = 0
        """Of the session's last event."""
        self.changed = True
        """Whether there is something to store."""
        self._sites = sites
        self._limit = settings.max_events_per_session
        self._stops = settings.overflow == STOP
        self._size = settings.chunk_size
        self._sealed: list[Chunk] = []
        self._firsts: deque[int] = deque()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._begin_chunk(keyframe.encode(self.stack))

    def _begin_chunk(self, before: bytes) -> None:
        self._keyframe = before
        self._first = self.events + 1
        self._firsts.append(self._first)
        self.parts, self.seen, self.start_ns = [], [], None
        self.boundary = self.events + self._size
        """Number of the last event that the open chunk takes."""
        if self._limit and self._stops:
            self.boundary = min(self.boundary, self._limit)

    def reopen(self, chunk: Chunk, firsts: Iterable[int], calls: Iterable[FunctionCalls]) -> None:
        """Go back to before a stored session's last chunk, whose events are then to be read again.

        `firsts` are those of all its chunks; `calls` count the ones in this chunk too.
        """
        self.stack = keyframe.decode(chunk.keyframe, self._sites.function)
        self.events = chunk.first - 1
        self._firsts = deque(first for first in firsts if first < chunk.first)
        self._calls = Counter({(row.module, row.function): row.calls for row in calls})
        self._calls.subtract(self._sites.call_counts(chunk.sites))
        self._begin_chunk(chunk.keyframe)
        self.boundary = max(self.boundary, chunk.last)

    def adopt(self, chunk: Chunk) -> None:
        """Take over a stored chunk as the open one, after its events were read again."""
        self.parts, self.start_ns, self.end_ns = [chunk.data], chunk.start_ns, chunk.end_ns
        self.changed = False

    def suspend(self, handle: int, record: bytes) -> None:
        """Note that a frame, and what lies above it, left the stack unseen; it may come back."""
        self.stack.suspend(handle)
        self.parts.append(record)

    def reenter(self, handle: int, record: bytes) -> None:
        """Note that a suspended frame is back on top, unseen."""
        self.stack.bring_back(handle)
        self.parts.append(record)

    def unwind(self, count: int, record: bytes) -> None:
        """Note that so many frames left the stack unseen, for good."""
        self.stack.unwind(count)
        self.parts.append(record)

    @property
    def is_stopped(self) -> bool:
        """Whether it has all the events it may have."""
        return bool(self._limit) and self._stops and self.events >= self._limit

    def seal(self) -> None:
        """Close the full chunk and begin the next one."""
        chunk = self._chunk()
        self._sealed.append(chunk)
        self._calls.update(self._sites.call_counts(chunk.sites))
        self._begin_chunk(keyframe.encode(self.stack))

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
        kept = self._firsts[0]
        chunks = [chunk for chunk in self._sealed if chunk.first >= kept]
        calls, touched = self._calls.copy(), {f for c in self._sealed for f in self._called(c)}
        if self.seen:
            chunks.append(self._chunk())
            calls.update(self._called(chunks[-1]))
            touched.update(self._called(chunks[-1]))
        self._sealed, self.changed = [], False
        functions = [FunctionCalls(self.row.id, *name, calls[name]) for name in sorted(touched)]
        self.row = self.row._replace(events=self.events, first_event=kept)
        return Rows(self.row, chunks, functions)

    def _called(self, chunk: Chunk) -> dict[tuple[str, str], int]:
        return self._sites.call_counts(chunk.sites)

    def _forget(self) -> None:
        """Let go of the oldest chunks while there are more events than there may be."""
        while self._limit and self.events - self._firsts[0] >= self._limit:
            self._firsts.popleft()

    def _chunk(self) -> Chunk:
        data = b"".join(self.parts)
        self.parts = [data]
        sites = dict(Counter(self.seen))
        return Chunk(
            session_id=self.row.id,
            first=self._first,
            last=self.events,
            start_ns=self.start_ns or 0,
            end_ns=self.end_ns,
            data=data,
            keyframe=self._keyframe,
            sites=sites,
            kinds=self._sites.kind_counts(sites),
        )
