"""One session as it can be asked: events, the stack and variables at any of them, its source.

Stands on `library.Library`, which brings decoded chunks; every answer is folded from one chunk and
its keyframe, so asking about event one million costs what asking about the first does.
"""

from collections.abc import Iterator
from itertools import islice

from rewind.errors import NoSuchEventError
from rewind.replay.chunks import Chunk
from rewind.replay.events import ALL_EVENTS, Event, EventQuery
from rewind.replay.frames import Frame, Variable
from rewind.replay.library import Library
from rewind.replay.moments import Moment, StackEntry, arguments_of, moment_of
from rewind.replay.sites import Module
from rewind.replay.timeline import EXACT_EVENTS, Timeline, exact_timeline, sampled_timeline
from rewind.replay.values import Value
from rewind.store.rows import Outline
from rewind.store.rows import Session as Facts


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
        return islice(self._matching(query), query.limit)

    def _matching(self, query: EventQuery) -> Iterator[Event]:
        n = query.first
        for chunk in self._chunks(query):
            # A chunk that has grown meanwhile begins with events that were given already.
            for event in chunk.events[max(0, n - chunk.first) :]:
                if query.last is not None and event.n > query.last:
                    return
                n = event.n + 1
                if query.wants(event.place):
                    yield event

    def _chunks(self, query: EventQuery) -> Iterator[Chunk]:
        n = max(query.first, self.facts.first_event)
        last = self.facts.events if query.last is None else min(query.last, self.facts.events)
        if query.is_selective:
            yield from self._matching_chunks(query, n, last)
            return
        while n <= last:
            chunk = self._library.chunk(self.facts, n)
            if chunk is None:
                return
            yield chunk
            n = chunk.last + 1

    def _matching_chunks(self, query: EventQuery, first: int, last: int) -> Iterator[Chunk]:
        if first > last:
            return
        places = self._library.places(self.facts)
        for outline in self._library.outlines(self.facts, first, last):
            if any(query.wants(places[site]) for site in outline.sites):
                chunk = self._outlined(outline)
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
            known = self.event(frame.number).arguments
        return known or ()

    def module_of(self, file: str) -> Module | None:
        """Return the module that the session's process loaded last from that path, or None."""
        return self._library.places(self.facts).module_of(file)

    def source(self, module: Module) -> tuple[str, ...]:
        """Return the lines of a module's source as it was recorded; none if it was not kept."""
        return self._library.lines(module)

    def timeline(self, buckets: int) -> Timeline | None:
        """Return the session at a glance, its events counted in at most that many buckets.

        None while there are no events.
        """
        outlines = self._library.outlines(self.facts)
        if not outlines:
            return None
        duration_ns = self.facts.duration_ns or outlines[-1].end_ns
        if outlines[-1].last - outlines[0].first < EXACT_EVENTS:
            found = tuple(self.events(EventQuery(last=outlines[-1].last)))
            return exact_timeline(found, duration_ns, buckets) if found else None
        return sampled_timeline(outlines, self._in_passing, duration_ns, buckets)

    def _in_passing(self, outline: Outline) -> Chunk | None:
        return self._library.chunk(self.facts, outline.last, keep=False)

    def _outlined(self, outline: Outline) -> Chunk | None:
        # By its last event: a shorter self that is still kept must not stand for it.
        return self._library.chunk(self.facts, outline.last)
