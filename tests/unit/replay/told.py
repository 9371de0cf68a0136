"""Records of a session, told event by event, and chunks of them with keyframes.

Sites come into being as they are named. The keyframes are written from the fold's own state, by
the text of `docs/format.md`; the writer's are held against the fold elsewhere. Test support only.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgpack

from rewind.model.events import Control
from rewind.model.sites import PLAIN, Function, Site, SiteTable
from rewind.replay.chunks import Chunk
from rewind.replay.events import Event
from rewind.replay.fold import Fold, Record
from rewind.replay.frames import Frame, stack_of, variables_of
from rewind.replay.sites import Module, Places
from rewind.store import rows

SESSION = "0" * 32
FILE = "/srv/shop.py"
FILE_HASH = "f" * 64


class Told:
    """A program that has done what the test says; every event takes 10 ns."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._functions: list[Function] = []
        self._sites: list[Site] = []
        self.places = Places(self._modules)

    @property
    def table(self) -> SiteTable:
        """The functions and sites so far."""
        return SiteTable(tuple(self._functions), tuple(self._sites))

    def _modules(self) -> Iterator[Module]:
        yield Module("shop", FILE, FILE_HASH, 0, *self.table)

    def function(self, name: str, *parameters: str, flavour: int = PLAIN) -> int:
        """Make a function; returns what the events name it by."""
        self._functions.append(Function(name, 10 * len(self._functions) + 1, flavour, parameters))
        return len(self._functions) - 1

    def site(
        self, kind: str, function: int, line: int, name: str | None, detail: str | None
    ) -> int:
        """Return the number of the site with these facts."""
        site = Site(kind, function, line, 0, line, 1, name, detail)
        if site not in self._sites:
            self._sites.append(site)
        return self._sites.index(site)

    def event(
        self,
        kind: str,
        function: int,
        *payload: object,
        name: str | None = None,
        detail: str | None = None,
        line: int = 1,
    ) -> int:
        """Tell an event; returns its number."""
        n = self.last + 1
        self.records.append((self.site(kind, function, line, name, detail), 10 * n, *payload))
        return n

    def control(self, number: Control, *elements: object) -> None:
        """Tell a control record."""
        self.records.append((int(number), *elements))

    @property
    def last(self) -> int:
        """Number of the last event so far."""
        return sum(record[0] >= 0 for record in self.records)

    def chunks(self, size: int = 4096) -> list[Chunk]:
        """Return the session in chunks of that many events."""
        return [Chunk(row, self.places) for row in self.held(size)]

    def events(self, size: int = 4096) -> list[Event]:
        """Return all events, each with the stack at it, folded from chunks of that size."""
        return [event for chunk in self.chunks(size) for event in chunk.events]

    def held(self, size: int = 4096) -> Iterator[rows.Chunk]:
        """Yield the chunks as the database holds them."""
        fold, n, held = Fold(self.places), 0, list[Record]()
        keyframe = keyframe_of(fold)
        for record in self.records:
            if record[0] >= 0 and n and n % size == 0:
                yield self._row(held, keyframe, n)
                keyframe, held = keyframe_of(fold), []
            held.append(record)
            if record[0] >= 0:
                n += 1
                fold.event(n, self.places[record[0]], record)
            else:
                fold.control(record)
        if held:
            yield self._row(held, keyframe, n)

    def _row(self, records: Sequence[Record], keyframe: bytes, last: int) -> rows.Chunk:
        """Return a row that holds these records, the last event of which has that number."""
        held = [record for record in records if record[0] >= 0]
        times = [record[1] for record in held] or [0]
        return rows.Chunk(
            SESSION,
            last - len(held) + 1,
            last,
            times[0],
            times[-1],
            b"".join(map(packed, records)),
            keyframe,
            Counter(record[0] for record in held),
            Counter(self._sites[record[0]].kind for record in held),
        )


def packed(value: object) -> bytes:
    """Return msgpack."""
    raw: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    return raw


def keyframe_of(fold: Fold) -> bytes:
    """Return the state as `docs/format.md` writes it."""
    stack = [_frame(frame) for frame in stack_of(fold.top)]
    return packed(
        {"stack": stack[::-1], "suspended": [_frame(frame) for frame in fold.suspended.values()]}
    )


def _frame(frame: Frame) -> list[Any]:
    variables = [[v.name, v.n, v.place.number, v.value] for v in variables_of(frame)]
    return [frame.number, frame.opened.number, frame.handle, frame.latest.number, variables]


def numbers(event: Event) -> list[int]:
    """Return the frames on the stack at an event, outermost first."""
    return [frame.number for frame in stack_of(event.top)][::-1]


def names(event: Event) -> list[str]:
    """Return the functions on the stack at an event, outermost first."""
    return [frame.opened.scope.function.qualname for frame in stack_of(event.top)][::-1]


def variables(event: Event) -> Mapping[str, object]:
    """Return the variables of the innermost frame at an event."""
    assert event.top is not None
    return {variable.name: variable.value for variable in variables_of(event.top)}
