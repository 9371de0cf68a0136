"""Sessions that are over and wait for a flush: no more of them than the database would keep.

Short sessions may come by the ten thousand between two flushes, and all but the newest would be
stored only to be removed again. `rewind.store.retention` has the rules; what these sessions outlive
among themselves, they outlive beside whatever else is in the database.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from rewind.store import Bounds, Totals
from rewind.store.rows import FAILED
from rewind.writer.session import OpenSession


class Waiting:
    """What a flush will take. Used by the writer's one thread."""

    def __init__(self, bounds: Bounds) -> None:
        self.let_go = Totals(0, 0, 0, 0, 0)
        """Sums over those that nobody will see."""
        self._most = bounds.max_sessions
        self._most_dear = bounds.dear(self._most or 0)
        self._new: dict[str, OpenSession] = {}
        """By id, those of which nothing is stored."""
        self._begun: dict[str, OpenSession] = {}
        """Those of which something is: somebody may have pinned them."""
        self._dear: list[tuple[int, str]] = []
        """Start and id of new ones that failed and outlive the others, as a heap."""
        self._plain: list[tuple[int, str]] = []
        """Of the others."""

    def __len__(self) -> int:
        return len(self._new) + len(self._begun)

    def __iter__(self) -> Iterator[OpenSession]:
        yield from self._begun.values()
        yield from self._new.values()

    def add(self, session: OpenSession) -> None:
        """Take a session that is over; lets go of the one that all others outlive, if need be."""
        row = session.row
        if session.is_stored:
            self._begun[row.id] = session
            return
        self._new[row.id] = session
        if self._most is None:
            return
        place = (row.start_ns, row.id)
        if row.status in FAILED and self._most_dear:
            heappush(self._dear, place)
            if len(self._dear) > self._most_dear:
                heappush(self._plain, heappop(self._dear))
        else:
            heappush(self._plain, place)
        while len(self._new) > self._most:
            _, oldest = heappop(self._plain)
            if oldest in self._new:  # It may have been discarded.
                self._let_go(self._new.pop(oldest))

    def _let_go(self, session: OpenSession) -> None:
        row, gone = session.row, self.let_go
        self.let_go = gone._replace(
            sessions=gone.sessions + 1,
            events=gone.events + session.events,
            dropped=gone.dropped + row.dropped,
            redacted=gone.redacted + row.redacted,
        )

    def discard(self, name: str) -> bool:
        """Forget a session of that id; returns whether something of it may be stored."""
        self._begun.pop(name, None)
        return self._new.pop(name, None) is None

    def take(self) -> list[OpenSession]:
        """Return them all; none waits then."""
        taken = list(self)
        self._new, self._begun = {}, {}
        self._dear, self._plain = [], []
        return taken
