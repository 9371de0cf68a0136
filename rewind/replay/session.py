"""One session as it can be asked: events, the stack and variables at any of them, its source.

Stands on `library.Library`, which brings decoded chunks; every answer is folded from one chunk and
its keyframe, so asking about event one million costs what asking about the first does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice

from rewind.errors import NoSuchEventError
from rewind.replay.chunks import Chunk
from rewind.replay.events import ALL_EVENTS, Event, EventQuery
from rewind.replay.frames import Frame, Variable
from rewind.replay.library import Library
from rewind.replay.moments import Moment, StackEntry, arguments_of, moment_of
from rewind.replay.sharing import Shared
from rewind.replay.sites import Module, Places
from rewind.replay.timeline import EXACT_EVENTS, Timeline, exact_timeline, sampled_timeline
from rewind.replay.values import Value
from rewind.store.rows import Outline
from rewind.store.rows import Session as Facts

_Wants = Callable[[int], bool]
"""Says of a site whether its events are wanted."""
_Chunks = Callable[[_Wants, int, int, int], Iterator[Chunk]]


class Session:
    """A session as it stood when it was asked for; a running one grows, so ask for it again.

    Any thread may call it; it holds no connection and needs no end.
    """

    def __init__(self, library: Library, facts: Facts) -> None:
        self.facts = facts
        self._library = library

    def event(self, n: int) -> Event:
        """Return event `n`; raises `NoSuchEventError` where the session has none of that number."""
        first, last = self.facts.first_event, self.facts.events
        chunk = self._library.chunk(self.facts, n) if first <= n <= last else None
        if chunk is None:
            held = f"it holds events {first} to {last}" if last else "it has no events yet"
            message = f"session {self.facts.id} has no event {n}: {held}"
            raise NoSuchEventError(message)
        return chunk[n]

    def nearest(self, n: int) -> int:
        """Return `n`, or the first or last event's number if `n` lies before or behind them."""
        return max(self.facts.first_event, min(n, self.facts.events))

    def events(self, query: EventQuery = ALL_EVENTS) -> Iterator[Event]:
        """Yield the events asked for, in order, one chunk at a time in memory."""
        return islice(self._found(query, 1), query.limit)

    def next(self, n: int, query: EventQuery = ALL_EVENTS) -> Event | None:
        """Return the first event after `n` that is asked for, or None; however far away it is."""
        return next(self._found(replace(query, first=max(query.first, n + 1)), 1), None)

    def previous(self, n: int, query: EventQuery = ALL_EVENTS) -> Event | None:
        """Return the last event before `n` that is asked for, or None."""
        last = n - 1 if query.last is None else min(query.last, n - 1)
        return next(self._found(replace(query, last=last), -1), None)

    def bare(self, first: int = 1) -> Iterator[Event]:
        """Yield all events from that number on without their stacks, which are most of the work."""
        first, last = max(first, self.facts.first_event), self.facts.events
        for chunk in self._following(bool, first, last, 1):
            # A chunk that has grown meanwhile may hold events that were given already.
            yield from chunk.bare(
                lambda _: True, range(max(first, chunk.first), min(last, chunk.last) + 1)
            )
            first = chunk.last + 1

    def _found(self, query: EventQuery, step: int) -> Iterator[Event]:
        """Yield the events asked for, forwards or, with a step of -1, backwards."""
        last = self.facts.events if query.last is None else query.last
        wants = _Wanted(query, self._library.places(self.facts)).__getitem__
        chunks = self._leading if query.is_selective else self._following
        return filter(query.takes, self._at_sites(wants, query.first, last, step, chunks))

    def latest(self, sites: AbstractSet[int], first: int, last: int) -> Iterator[Event]:
        """Yield the events of these sites from `last` back to `first`."""
        return self._at_sites(sites.__contains__, first, last, -1, self._leading)

    def _at_sites(
        self, wants: _Wants, first: int, last: int, step: int, chunks: _Chunks
    ) -> Iterator[Event]:
        first, last = max(first, self.facts.first_event), min(last, self.facts.events)
        for chunk in chunks(wants, first, last, step):
            # A chunk that has grown meanwhile may hold events that were given already.
            numbers = range(max(first, chunk.first), min(last, chunk.last) + 1)
            yield from chunk.matching(wants, numbers[::step])
            first, last = (chunk.last + 1, last) if step > 0 else (first, chunk.first - 1)

    def _following(self, _: _Wants, first: int, last: int, step: int) -> Iterator[Chunk]:
        """Yield all chunks that hold events from `first` to `last`, in that direction."""
        n = first if step > 0 else last
        while first <= n <= last:
            chunk = self._library.chunk(self.facts, n)
            if chunk is None:
                # Of a damaged file some are missing.
                n = self._beyond(n, step)
                continue
            yield chunk
            n = chunk.last + 1 if step > 0 else chunk.first - 1

    def _beyond(self, n: int, step: int) -> int:
        """Return the next event in that direction that is stored, or the session's end."""
        if step > 0:
            return next((first for first, _ in self.bounds() if first > n), self.facts.events + 1)
        return max((last for _, last in self.bounds() if last < n), default=0)

    def bounds(self) -> list[tuple[int, int]]:
        """Return the first and last event of each chunk, whether it can be read or not."""
        return self._library.bounds(self.facts)

    def _leading(self, wants: _Wants, first: int, last: int, step: int) -> Iterator[Chunk]:
        """Yield those of them that hold events of sites which are wanted."""
        outlines = self._library.outlines(self.facts)
        start = outlines.index(first) if step > 0 else outlines.index_back(last)
        for place in outlines.having(filter(wants, outlines.sites), start, step):
            outline = outlines.rows[place]
            if outline.first > last or outline.last < first:
                return
            # By its last event: a shorter self that is still kept must not stand for it.
            chunk = self._library.chunk(self.facts, outline.last)
            if chunk is not None:
                yield chunk

    def stack(self, n: int) -> tuple[StackEntry, ...]:
        """Return the call stack at event `n`, innermost first."""
        return self.moment(n).stack

    def variables(self, n: int, frame: int | None = None) -> tuple[Variable, ...]:
        """Return a frame's variables after event `n`, in the order of their first writes."""
        return self.moment(n, frame).variables

    def moment(self, n: int, frame: int | None = None) -> Moment:
        """Return the state at event `n`, with the variables of the frame of that number.

        A frame that is not on the stack then gives way to the innermost. Raises
        `NoSuchEventError`.
        """
        return moment_of(self.event(n), frame, self._arguments)

    def moments(self, first: int, last: int) -> Iterator[Moment]:
        """Yield the moments at `first` to `last`, each chunk folded once."""
        for event in self.events(EventQuery(first=first, last=last)):
            yield moment_of(event, None, self._arguments)

    def _arguments(self, frame: Frame) -> tuple[tuple[str, Value], ...]:
        known = arguments_of(frame)
        if known is None and frame.number >= self.facts.first_event:
            known = self._call(frame.number)
        return known or ()

    def _call(self, n: int) -> tuple[tuple[str, Value], ...]:
        chunk = self._library.chunk(self.facts, n)
        called = () if chunk is None else chunk.bare(lambda _: True, range(n, n + 1))
        return next((event.arguments for event in called), ())

    def module_of(self, file: str) -> Module | None:
        """Return the module that the session's process loaded last from that path, or None."""
        return self._library.places(self.facts).module_of(file)

    def source(self, module: Module) -> tuple[str, ...]:
        """Return the lines of a module's source as it was recorded; none if it was not kept."""
        return self._library.lines(module)

    @property
    def unread_sources(self) -> list[str]:
        """Paths of modules whose source was asked for and is damaged or gone."""
        return sorted(self._library.unread)

    def shared(self, frame: Frame) -> Mapping[str, Shared]:
        """Return which of the frame's names other functions write as well."""
        scope = frame.opened.scope
        return self._library.shared(scope.module).get(scope.function.qualname, {})

    def is_called_elsewhere(self, module: Module, functions: AbstractSet[str]) -> bool:
        """Return whether another session of the process called one of a module's functions."""
        return self._library.is_called_elsewhere(self.facts, module, functions)

    def counts(self) -> Counter[int]:
        """Return how often each site's probe fired in the session."""
        counts: Counter[int] = Counter()
        for outline in self._library.outlines(self.facts).rows:
            counts.update(outline.sites)
        return counts

    def outlines(self, last: int) -> list[Outline]:
        """Return what the chunks up to event `last` are about, in order."""
        outlines = self._library.outlines(self.facts)
        return list(outlines.rows[: outlines.index_back(last) + 1])

    def timeline(self, buckets: int, first: int = 1, last: int | None = None) -> Timeline | None:
        """Return the session at a glance, its events counted in at most that many buckets.

        Of a part of it, from event `first` to `last`, more is told: that is exact where it is
        small, and else has the bounds of its chunks. None where there are no events.
        """
        first = max(first, self.facts.first_event)
        outlines = self._library.outlines(self.facts)
        past = None if last is None else outlines.index_back(last) + 1
        kept = outlines.rows[outlines.index(first) : past]
        if not kept:
            return None
        duration_ns = self.facts.duration_ns or outlines.rows[-1].end_ns
        last = kept[-1].last if last is None else min(last, kept[-1].last)
        if last - max(first, kept[0].first) < EXACT_EVENTS:
            found = tuple(self.events(EventQuery(first=first, last=last)))
            return exact_timeline(found, duration_ns, buckets) if found else None
        return sampled_timeline(
            kept,
            lambda firsts: self._library.stacks(self.facts, firsts),
            lambda outline: self._library.chunk(self.facts, outline.last, keep=outline is kept[-1]),
            duration_ns,
            buckets,
        )

    def timeline_between(self, buckets: int, start_ns: int, end_ns: int) -> Timeline | None:
        """Return the timeline of the chunks that overlap a stretch of time; None if none does."""
        held = [
            outline
            for outline in self._library.outlines(self.facts).rows
            if outline.end_ns >= start_ns and outline.start_ns <= end_ns
        ]
        return self.timeline(buckets, held[0].first, held[-1].last) if held else None


class _Wanted(dict[int, bool]):
    """Whether events of a site may be wanted, asked of each site once."""

    def __init__(self, query: EventQuery, places: Places) -> None:
        super().__init__()
        self._query = query
        self._places = places

    def __missing__(self, site: int) -> bool:
        found = self[site] = self._query.wants(self._places[site])
        return found
