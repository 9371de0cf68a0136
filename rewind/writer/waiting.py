"""Sessions that are over and wait for a flush: no more of them than the database would keep.

Short sessions may come by the ten thousand between two flushes, and all but the newest would be
stored only to be removed again. `rewind.store.retention` has the rules; what these sessions outlive
among themselves, they outlive beside whatever else is in the database.
"""

from collections.abc import Iterator
from itertools import chain, islice
from operator import attrgetter

from rewind.store import Bounds, Totals
from rewind.store.rows import FAILED
from rewind.writer.session import OpenSession

_SLACK = 4
"""For one in so many, more than are kept wait until it is looked which ones go."""


class Waiting:
    """What a flush will take. Used by the writer's one thread."""

    def __init__(self, bounds: Bounds) -> None:
        self.let_go = Totals(0, 0, 0, 0, 0)
        """Sums over those that nobody will see."""
        self._bounds = bounds
        self._room = (bounds.max_sessions or 0) + (bounds.max_sessions or 0) // _SLACK
        self._new: dict[str, OpenSession] = {}
        """By id, those of which nothing is stored."""
        self._begun: dict[str, OpenSession] = {}
        """Those of which something is: somebody may have pinned them."""

    def __len__(self) -> int:
        return len(self._new) + len(self._begun)

    def __iter__(self) -> Iterator[OpenSession]:
        return chain(self._begun.values(), self._new.values())

    def add(self, session: OpenSession) -> None:
        """Take a session that is over; now and then, let go of those that the others outlive."""
        waiting = self._begun if session.is_stored else self._new
        waiting[session.row.id] = session
        if len(self._new) > self._room:
            self._let_go()

    def _let_go(self) -> None:
        most = self._bounds.max_sessions
        if most is None or len(self._new) <= most:
            return
        oldest = sorted(self._new.values(), key=attrgetter("age"))
        failed = [one for one in oldest if one.ending is not None and one.ending.status in FAILED]
        dear = set(islice(reversed(failed), self._bounds.dear(most)))
        gone = [one for one in oldest if one not in dear][: len(oldest) - most]
        for session in gone:
            del self._new[session.row.id]
        self.let_go = Totals(
            self.let_go.sessions + len(gone),
            self.let_go.events + sum(session.events for session in gone),
            self.let_go.dropped + sum(session.row.dropped for session in gone),
            self.let_go.redacted + sum(session.row.redacted for session in gone),
            0,
        )

    def discard(self, name: str) -> bool:
        """Forget a session of that id; returns whether something of it may be stored.

        Then it waits on: where somebody has pinned it, it stays, and is to be whole.
        """
        return self._new.pop(name, None) is None

    def take(self) -> list[OpenSession]:
        """Return those that are to be stored; none waits then."""
        self._let_go()
        taken = list(self)
        self._new, self._begun = {}, {}
        return taken
