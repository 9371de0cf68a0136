"""Chunks decoded: blobs become records, and the call stack at each of them.

Decoding is where recorded bytes are met first: whatever is wrong with them is a `FormatError` that
names session and chunk. Decoded chunks are shared between threads and never change.
"""

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Final

import msgpack

from rewind.errors import FormatError
from rewind.replay.events import Event, check
from rewind.replay.fold import Fold, Record
from rewind.replay.frames import Frame
from rewind.replay.sites import Places
from rewind.store import rows

CACHE_BYTES: Final = 128 << 20
"""How much memory the chunks kept decoded may take, as their weights estimate it."""

# An event of 19 recorded bytes took 540 once decoded, as tracemalloc measured.
_EVENT_BYTES: Final = 400
_VALUE_FACTOR: Final = 8


class Chunk:
    """Consecutive events of a session. Safe to share: what is computed late is computed equal."""

    def __init__(self, row: rows.Chunk, places: Places) -> None:
        self.session = row.session_id
        self.first = row.first
        self.last = row.last
        events = row.last - row.first + 1
        self.weight = _EVENT_BYTES * events + _VALUE_FACTOR * (len(row.data) + len(row.keyframe))
        """About how many bytes it takes once decoded."""
        self._data = row.data
        self._keyframe = row.keyframe
        self._places = places

    def __str__(self) -> str:
        return f"session {self.session}, chunk {self.first}-{self.last}"

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events in order, each with the stack at it."""
        with decoding(self):
            found = tuple(self._folded())
            if len(found) != self.last - self.first + 1:
                message = f"it holds {len(found)} events"
                raise ValueError(message)
            return found

    @cached_property
    def stack(self) -> Frame | None:
        """Top of the stack before the first event."""
        with decoding(self):
            return self._restored().top

    def __getitem__(self, n: int) -> Event:
        return self.events[n - self.first]

    def _restored(self) -> Fold:
        fold = Fold(self._places)
        fold.restore(_unpack(self._keyframe))
        return fold

    def _folded(self) -> Iterator[Event]:
        fold = self._restored()
        n = self.first
        for record in _records(self._data):
            if record[0] < 0:
                fold.control(record)
                continue
            place = self._places[record[0]]
            check(place, record)
            yield Event(n, place, record, fold.event(n, place, record))
            n += 1


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
