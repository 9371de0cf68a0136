"""The whole session at a glance: how much of what happened when, and which calls were open.

A small session is folded whole and everything is exact. Of a large one only what the chunks' rows
and keyframes say is used: the calls that were open where a chunk begins, for as long as they are
known to have been open, and the counts of each chunk. `spans_complete` tells which it was.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from math import ceil
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from rewind.model import events
from rewind.replay.chunks import Chunk
from rewind.replay.events import Event
from rewind.replay.frames import Frame
from rewind.replay.spans import Span, SpanFold
from rewind.store.rows import Outline

EXACT_EVENTS: Final = 25_000
"""Sessions of up to that many events are folded whole: some fifty milliseconds."""
MAX_EXCEPTIONS: Final = 500
MAX_NOTES: Final = 500
MAX_MARKS: Final = 500
"""Of each kind of what the program says; of a kind with more, the buckets alone tell."""
MAX_KEYFRAMES: Final = 200
"""How many chunks of a large session are asked which calls were open."""
MAX_CHUNKS_READ: Final = 8
"""How many chunks of a large session are searched for exceptions."""

_TOLD_OF: Final = frozenset((events.HANDLED, events.EXCEPTION))
"""Kinds by which exceptions are told apart."""
_MARKED: Final = frozenset(events.SAID_KINDS) - {events.NOTE}
_kind: Final = attrgetter("place.site.kind")

Item = TypeVar("Item")
Stacks = Callable[[Sequence[int]], Mapping[int, Frame | None]]
"""Gives the top of the stack before chunks, by their first events."""


class Bucket(NamedTuple):
    """Consecutive events and how many of each kind they are."""

    first: int
    last: int
    start_ns: int
    end_ns: int
    kinds: Mapping[str, int]


class Timeline(NamedTuple):
    """A session at a glance."""

    first: int
    last: int
    duration_ns: int
    buckets: tuple[Bucket, ...]
    spans: tuple[Span, ...]
    exceptions: tuple[Event, ...]
    """Where exceptions were first seen, without the frames that they passed through."""
    spans_complete: bool
    notes: tuple[Event, ...] = ()
    """What the program noted itself."""
    marks: tuple[Event, ...] = ()
    """What else it said, in order: all of a kind or none."""


def exact_timeline(found: Sequence[Event], duration_ns: int, buckets: int) -> Timeline:
    """Return the timeline of all events of a session."""
    spans = SpanFold()
    for event in found:
        spans.see(event.top, event.n, event.time_ns)
    return Timeline(
        found[0].n,
        found[-1].n,
        duration_ns,
        tuple(_exact_buckets(found, buckets)),
        spans.spans(),
        tuple(islice(_first_seen(e for e in found if _kind(e) in _TOLD_OF), MAX_EXCEPTIONS)),
        spans_complete=True,
        notes=tuple(islice((e for e in found if _kind(e) == events.NOTE), MAX_NOTES)),
        marks=_marks(found),
    )


def _marks(found: Sequence[Event]) -> tuple[Event, ...]:
    said = [event for event in found if _kind(event) in _MARKED]
    counts = Counter(map(_kind, said))
    return tuple(event for event in said if counts[_kind(event)] <= MAX_MARKS)


def sampled_timeline(
    outlines: Sequence[Outline],
    stacks: Stacks,
    chunk: Callable[[Outline], Chunk | None],
    duration_ns: int,
    buckets: int,
) -> Timeline:
    """Return the timeline of a session too large to be folded, of whose chunks some are read."""
    raising = [outline for outline in outlines if events.EXCEPTION in outline.kinds]
    opened = filter(None, map(chunk, _spread(raising, MAX_CHUNKS_READ)))
    noting = [outline for outline in outlines if events.NOTE in outline.kinds]
    noted = filter(None, map(chunk, _spread(noting, MAX_CHUNKS_READ)))
    return Timeline(
        outlines[0].first,
        outlines[-1].last,
        duration_ns,
        tuple(_joined_buckets(outlines, buckets)),
        tuple(_sampled_spans(outlines, stacks, chunk(outlines[-1]))),
        tuple(islice(chain.from_iterable(map(_first_seen_bare, opened)), MAX_EXCEPTIONS)),
        spans_complete=False,
        notes=tuple(islice(chain.from_iterable(map(_notes_of, noted)), MAX_NOTES)),
    )


def _spread(outlines: Sequence[Outline], count: int) -> Sequence[Outline]:
    """Return `count` of the outlines, evenly spread, the first among them."""
    step = max(1, ceil(len(outlines) / count))
    return outlines[::step]


def _exact_buckets(found: Sequence[Event], count: int) -> Iterator[Bucket]:
    for part in _parts(found, count):
        kinds = Counter(map(_kind, part))
        yield Bucket(part[0].n, part[-1].n, part[0].time_ns, part[-1].time_ns, kinds)


def _joined_buckets(outlines: Sequence[Outline], count: int) -> Iterator[Bucket]:
    for part in _parts(outlines, count):
        kinds: dict[str, int] = defaultdict(int)
        for outline in part:
            for kind, times in outline.kinds.items():
                kinds[kind] += times
        yield Bucket(part[0].first, part[-1].last, part[0].start_ns, part[-1].end_ns, kinds)


def _parts(whole: Sequence[Item], count: int) -> Iterator[Sequence[Item]]:
    """Yield `whole` in that many parts of nearly equal length, fewer if it is shorter."""
    count = min(count, len(whole))
    for index in range(count):
        yield whole[index * len(whole) // count : (index + 1) * len(whole) // count]


def _sampled_spans(
    outlines: Sequence[Outline], stacks: Stacks, last: Chunk | None
) -> Iterator[Span]:
    """Yield the frames open where chunks begin, for as long as they are known to have been open."""
    fold = SpanFold()
    looked_at = _spread(outlines, MAX_KEYFRAMES)
    found = stacks([outline.first for outline in looked_at])
    for outline in looked_at:
        if outline.first in found:
            # A keyframe is the state after the event before its chunk.
            fold.see(found[outline.first], outline.first - 1, outline.start_ns)
    if last is not None:
        end = last[last.last]
        fold.see(end.top, end.n, end.time_ns)
    for span in fold.spans():
        if span.frame.handle is None and span.frame.number >= outlines[0].first:
            # A plain call stays on the stack from its beginning, wherever that lies.
            first = span.frame.number
            yield span._replace(first=first, start_ns=_estimated_ns(outlines, first))
        else:
            yield span


def _estimated_ns(outlines: Sequence[Outline], n: int) -> int:
    """Return about when event `n` happened, as if a chunk's events were evenly spaced."""
    index = bisect_right(outlines, n, key=lambda outline: outline.first) - 1
    outline = outlines[index]
    share = (n - outline.first) / max(1, outline.last - outline.first)
    return outline.start_ns + int(share * (outline.end_ns - outline.start_ns))


def _first_seen(found: Iterable[Event]) -> Iterator[Event]:
    """Yield the exception events that tell of an exception no earlier one told of."""
    latest: Event | None = None
    for event in found:
        if event.kind == events.HANDLED:
            latest = None
        elif event.kind == events.EXCEPTION:
            if latest is None or not event.is_same_exception(latest):
                yield event
            latest = event


def _notes_of(chunk: Chunk) -> Iterator[Event]:
    yield from chunk.bare(
        lambda place: place.site.kind == events.NOTE, range(chunk.first, chunk.last + 1)
    )


def _first_seen_bare(chunk: Chunk) -> Iterator[Event]:
    """Yield the same of a chunk that is not folded.

    There a frame is known by its function alone: an exception that is raised again by another call
    of that function, and was caught by nothing that is recorded, is not told a second time.
    """
    numbers = range(chunk.first, chunk.last + 1)
    yield from _first_seen(chunk.bare(lambda place: place.site.kind in _TOLD_OF, numbers))
