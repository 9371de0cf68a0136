"""What each chunk of a session is about: by it a question goes to the chunk that answers it.

A session of ten million events has some thousands of chunks. To read what they are about takes as
long as to decode three of them, so it is read once and kept; then it matters no more how far away
an answer is, or that there is none.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from threading import Lock
from typing import Final

from rewind.store.rows import Outline

MOST_KEPT: Final = 100_000
"""Outlines kept of all sessions together; they take some 30 MB."""

Read = Callable[[int], Sequence[Outline]]
"""Gives the outlines of the chunks that hold the event of that number and later ones."""


class Outlines:
    """The chunks of a session, in order. Any thread may ask; what it keeps never becomes wrong."""

    def __init__(self, rows: Sequence[Outline]) -> None:
        self.rows = rows
        self._having: dict[int, array[int]] = {}

    def index(self, n: int) -> int:
        """Return the place of the chunk that holds event `n`, or else the next ones."""
        return bisect_left(self.rows, n, key=_last)

    def index_back(self, n: int) -> int:
        """Return the place of the chunk that holds event `n`, or else the ones before it."""
        return bisect_right(self.rows, n, key=_first) - 1

    @cached_property
    def sites(self) -> AbstractSet[int]:
        """Every site that has events in the session."""
        # Many chunks share one mapping.
        apart = {id(row.sites): row.sites for row in self.rows}
        return frozenset().union(*apart.values())

    def having(self, sites: Iterable[int], start: int, step: int) -> Iterator[int]:
        """Yield the places of chunks with an event of such a site, from a place on, that way.

        `step` is 1 or -1.
        """
        found = [self._places(site) for site in sites]
        while True:
            if step > 0:
                ways = [(each, bisect_left(each, start)) for each in found]
            else:
                ways = [(each, bisect_right(each, start) - 1) for each in found]
            near = [each[at] for each, at in ways if 0 <= at < len(each)]
            if not near:
                return
            start = min(near) if step > 0 else max(near)
            yield start
            start += step

    def _places(self, site: int) -> "array[int]":
        """Return the places of the chunks that have that site."""
        known = self._having.get(site)
        if known is None:
            found = (place for place, row in enumerate(self.rows) if site in row.sites)
            known = self._having[site] = array("l", found)
        return known


class OutlineCache:
    """The outlines of the sessions asked about last. For any thread; a fork inherits a copy."""

    def __init__(self, limit: int = MOST_KEPT) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Outlines] = OrderedDict()
        self._lock = Lock()

    def find(self, session: str, last: int, read: Read) -> Outlines:
        """Return the outlines of a session up to event `last` at least, as far as they are there.

        Only what has come since they were read is read: all chunks but the last are as they were.
        """
        with self._lock:
            known = self._kept.get(session)
        if known is None or not known.rows:
            found = Outlines(read(1))
        elif known.rows[-1].last < last:
            found = Outlines((*known.rows[:-1], *read(known.rows[-1].first)))
        else:
            found = known
        self._keep(session, found)
        return found

    def _keep(self, session: str, found: Outlines) -> None:
        with self._lock:
            self._kept[session] = found
            self._kept.move_to_end(session)
            while len(self._kept) > 1 and self._size() > self._limit:
                self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(len(one.rows) for one in self._kept.values())


def _first(outline: Outline) -> int:
    return outline.first


def _last(outline: Outline) -> int:
    return outline.last
