"""Chunks decoded: blobs become records, and the call stack at each of them.

Decoding is where recorded bytes are met first: whatever is wrong with them is a `FormatError` that
names session and chunk. Decoded chunks are shared between threads and never change.
"""

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import accumulate, islice
from threading import Lock, RLock
from typing import Final, NamedTuple

import msgpack

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.replay.events import Event, check, placed
from rewind.replay.fold import Fold, Record
from rewind.replay.frames import Frame
from rewind.replay.sites import Place, Places, Scope
from rewind.store import rows

CACHE_BYTES: Final = 32 << 20
"""How much memory the chunks kept decoded may take, as their weights estimate it.

Some fifteen chunks: with four times as many, the garbage collector stopped for half a second.
"""

# An event of 19 recorded bytes took 540 once decoded, as tracemalloc measured.
_EVENT_BYTES: Final = 400
_VALUE_FACTOR: Final = 8


class _Taken(NamedTuple):
    """The records of a chunk, before any is understood."""

    events: list[Record]
    controls: dict[int, list[Record]]
    """Those that stand before an event, by its place among them."""


class Chunk:
    """Consecutive events of a session. Any thread may ask; each part is decoded once, when asked.

    Kept as columns: a tuple for each event would be one more object for the garbage collector to
    look at, and of those a cache of chunks holds a million.
    """

    def __init__(self, row: rows.Chunk, places: Places, around: Scope | None = None) -> None:
        """`around` is the function in which the session was begun, of what is begun by name."""
        self.session = row.session_id
        self.first = row.first
        self.last = row.last
        events = row.last - row.first + 1
        self.weight = _EVENT_BYTES * events + _VALUE_FACTOR * (len(row.data) + len(row.keyframe))
        """About how many bytes it takes once decoded."""
        self._data = row.data
        self._keyframe = row.keyframe
        self._places = places
        self._around = around
        self._lock = RLock()
        self._records: _Taken | None = None
        self._times: list[int] | None = None
        self._tops: list[Frame | None] | None = None

    def __str__(self) -> str:
        return f"session {self.session}, chunk {self.first}-{self.last}"

    @property
    def events(self) -> tuple[Event, ...]:
        """The events in order, each with the stack at it."""
        return tuple(self.matching(lambda _: True, range(self.first, self.last + 1)))

    @property
    def stack(self) -> Frame | None:
        """Top of the stack before the first event."""
        with decoding(self):
            return stack_before(self._keyframe, self._places)

    def __getitem__(self, n: int) -> Event:
        (event,) = self.matching(lambda _: True, range(n, n + 1))
        return event

    def matching(self, wants: Callable[[int], bool], numbers: range) -> Iterator[Event]:
        """Yield the events of those numbers, in their order, whose sites are wanted.

        A chunk without any is not folded.
        """
        picked = self._picked(wants, numbers)
        if not picked:
            return
        (tops, times), records = self._folded(), self._taken().events
        for n in picked:
            at = n - self.first
            record = records[at]
            place = placed(self._places[record[0]], record, tops[at], self._around)
            yield Event(n, place, record, tops[at], times[at])

    def bare(self, wants: Callable[[Place], bool], numbers: range) -> Iterator[Event]:
        """Yield the same events without their stacks, which are most of the work."""
        for n in self._picked(cache(lambda site: wants(self._places[site])), numbers):
            with decoding(self):
                at, record = n - self.first, self._taken().events[n - self.first]
                place = self._places[record[0]]
                check(place, record)
                event = Event(n, placed(place, record, None), record, None, self._clocked()[at])
            yield event

    def _picked(self, wants: Callable[[int], bool], numbers: range) -> list[int]:
        with decoding(self):
            records, first = self._taken().events, self.first
            return [n for n in numbers if wants(records[n - first][0])]

    def _taken(self) -> _Taken:
        with self._lock:
            if self._records is None:
                self._records = self._unpacked()
            return self._records

    def _unpacked(self) -> _Taken:
        found = list(_records(self._data))
        events = [record for record in found if record[0] >= 0]
        controls: dict[int, list[Record]] = {}
        others = [at for at, record in enumerate(found) if record[0] < 0]
        for passed, at in enumerate(others):
            controls.setdefault(at - passed, []).append(found[at])
        if len(events) != self.last - self.first + 1:
            message = f"it holds {len(events)} events"
            raise ValueError(message)
        return _Taken(events, controls)

    def _clocked(self) -> list[int]:
        """Return when each event was."""
        with self._lock:
            if self._times is None:
                self._times = list(self._timed(*self._taken()))
            return self._times

    def _timed(self, records: list[Record], controls: dict[int, list[Record]]) -> Iterator[int]:
        clocks = [
            (at, record[1])
            for at, found in controls.items()
            for record in found
            if record[0] == Control.CLOCK
        ]
        passed = [record[1] for record in records]
        # Before revision 0004 of the database chunks had no clock, and each time was whole.
        yield from passed[: clocks[0][0] if clocks else None]
        ends = [at for at, _ in clocks[1:]]
        for (at, clock), end in zip(clocks, (*ends, None), strict=False):
            yield from islice(accumulate(passed[at:end], initial=clock), 1, None)

    def _folded(self) -> tuple[list[Frame | None], list[int]]:
        """Return the top of the stack at each event, and when that was."""
        with self._lock, decoding(self):
            if self._tops is None:
                self._tops = list(self._fold(*self._taken()))
            return self._tops, self._clocked()

    def _fold(
        self, records: list[Record], controls: dict[int, list[Record]]
    ) -> Iterator[Frame | None]:
        fold = _restored(self._keyframe, self._places)
        places, after = self._places, fold.event
        for at, record in enumerate(records):
            for control in controls.get(at, ()):
                fold.control(control)
            place = places[record[0]]
            check(place, record)
            yield after(self.first + at, place, record)


class ChunkCache:
    """The chunks decoded last, within a bound of bytes.

    Called from any thread; holds nothing that needs an end. A fork inherits a copy.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._weight = 0
        self._chunks: OrderedDict[tuple[str, int], Chunk] = OrderedDict()
        self._firsts: dict[str, list[int]] = {}
        self._lock = Lock()

    def find(self, session: str, n: int) -> Chunk | None:
        """Return the chunk that holds event `n`, if it is kept.

        One that has grown or was joined to others since still tells the truth about its events.
        """
        with self._lock:
            firsts = self._firsts.get(session, [])
            index = bisect_right(firsts, n) - 1
            if index < 0:
                return None
            chunk = self._chunks[session, firsts[index]]
            self._chunks.move_to_end((session, chunk.first))
            return chunk if n <= chunk.last else None

    def keep(self, chunk: Chunk) -> None:
        """Keep a chunk, in place of one with the same beginning, and let the oldest ones go."""
        with self._lock:
            self._remove(self._chunks.get((chunk.session, chunk.first)))
            self._chunks[chunk.session, chunk.first] = chunk
            insort(self._firsts.setdefault(chunk.session, []), chunk.first)
            self._weight += chunk.weight
            while self._weight > self._limit and len(self._chunks) > 1:
                self._remove(next(iter(self._chunks.values())))

    def _remove(self, chunk: Chunk | None) -> None:
        if chunk is None:
            return
        del self._chunks[chunk.session, chunk.first]
        self._weight -= chunk.weight
        firsts = self._firsts[chunk.session]
        firsts.remove(chunk.first)
        if not firsts:
            del self._firsts[chunk.session]


@contextmanager
def decoding(where: object) -> Iterator[None]:
    """Turn what goes wrong with recorded bytes into a `FormatError` that says where."""
    try:
        yield
    except FormatError as error:
        message = f"{where}: {error}"
        raise FormatError(message) from error
    except (ValueError, TypeError, LookupError, AttributeError, msgpack.UnpackException) as error:
        message = f"{where}: recorded bytes do not follow the format: {error!r}"
        raise FormatError(message) from error


def stack_before(keyframe: bytes, places: Places) -> Frame | None:
    """Return the top of the stack that a keyframe tells."""
    return _restored(keyframe, places).top


def _restored(keyframe: bytes, places: Places) -> Fold:
    fold = Fold(places)
    fold.restore(_unpack(keyframe))
    return fold


def _records(data: bytes) -> Iterator[Record]:
    unpacker = msgpack.Unpacker(
        None, use_list=False, unicode_errors="surrogatepass", max_buffer_size=len(data)
    )
    unpacker.feed(data)
    yield from unpacker


def _unpack(raw: bytes) -> dict[str, list[Record]]:
    unpacked: dict[str, list[Record]] = msgpack.unpackb(
        raw, use_list=False, unicode_errors="surrogatepass", strict_map_key=False
    )
    return unpacked
