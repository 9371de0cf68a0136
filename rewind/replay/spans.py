"""Which frames were on the stack from which event to which: the bars of a timeline.

A fold of its own over the stacks that `fold` gave; only what changes between two of them is looked
at, so a deep recursion costs no more than a loop.
"""

from typing import NamedTuple

from rewind.replay.frames import Frame


class Span(NamedTuple):
    """One stay of a frame on the stack; a generator's frame has one for each resumption."""

    frame: Frame
    first: int
    last: int
    start_ns: int
    end_ns: int


class SpanFold:
    """Gathers spans from the stacks at events, seen in order; used by one thread."""

    def __init__(self) -> None:
        self._open: list[Span] = []
        self._ended: list[Span] = []
        self._seen = (0, 0)
        self._innermost: int | None = None
        """Number of the frame that was on top."""

    def see(self, top: Frame | None, n: int, time_ns: int) -> None:
        """Take note of the stack at event `n`."""
        number, depth = (None, 0) if top is None else (top.number, top.depth)
        if number != self._innermost or depth != len(self._open):
            self._innermost = number
            fresh = []
            while top is not None and not self._is_open(top):
                fresh.append(top)
                top = top.below
            self._end(top.depth if top is not None else 0)
            self._open.extend(Span(frame, n, n, time_ns, time_ns) for frame in reversed(fresh))
        self._seen = (n, time_ns)

    def spans(self) -> tuple[Span, ...]:
        """Return all spans in the order of their beginnings; those still open end here."""
        self._end(0)
        return tuple(sorted(self._ended, key=lambda span: (span.first, span.frame.depth)))

    def _is_open(self, frame: Frame) -> bool:
        index = frame.depth - 1
        return index < len(self._open) and self._open[index].frame.number == frame.number

    def _end(self, depth: int) -> None:
        last, end_ns = self._seen
        for span in self._open[depth:]:
            self._ended.append(span._replace(last=last, end_ns=end_ns))
        del self._open[depth:]
