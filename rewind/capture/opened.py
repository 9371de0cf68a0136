"""A session that somebody begins and ends by name, in the Python core.

What runs on its strand meanwhile is the session's; what the strand was at before goes on when it
is set aside or over.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from rewind.capture.recorder import Recorder
from rewind.capture.strands import Session, Strand

_T = TypeVar("_T")


class Opened:
    """Used by whoever began it; a child of a fork cannot end what its parent began."""

    __slots__ = ("before", "held", "is_on", "outer", "owner", "recorder", "session", "strand")

    def __init__(
        self, owner: object, recorder: Recorder, strand: Strand, begin: Callable[[], Session]
    ) -> None:
        self.owner = owner
        """Stands for the process."""
        before = strand.session
        self.session: Session | None = begin()
        self._put_on(recorder, strand, before)

    def _put_on(self, recorder: Recorder, strand: Strand, before: Session | None) -> None:
        self.recorder, self.strand = recorder, strand
        self.before = before
        """What the strand was at before."""
        self.held = strand.held
        """Whether that was held."""
        self.outer = strand.opened
        """The one that was begun on the strand before."""
        strand.opened = self
        self.is_on = strand.held = True
        """Neither over nor set aside."""

    @property
    def id(self) -> str | None:
        """The session's id while it runs; None where sampling passed it over."""
        session = self.session
        return session.id if session is not None and session.recorded else None

    def take_off(self, let_go: Callable[[Recorder, Strand], None]) -> None:
        """Let the strand go on with what it was at before."""
        self.is_on = False
        strand, above = self.strand, self.strand.opened
        if above is self:
            strand.session, strand.held, strand.opened = self.before, self.held, self.outer
            let_go(self.recorder, strand)
            return
        while above is not None and above.outer is not self:
            above = above.outer
        if above is not None:
            # What was begun after it is still on, and goes back to before both.
            above.before, above.held, above.outer = self.before, self.held, self.outer

    def go_on(self, recorder: Recorder, strand: Strand) -> None:
        """Be what the strand is at from now on."""
        before, strand.session = strand.session, self.session
        self._put_on(recorder, strand, before)


class Followed(Iterator[_T], Generic[_T]):
    """Parts one by one, each step of them a session's; what comes between them is not.

    A fault of ours is handed on with the name of what failed: the program meets none.
    """

    def __init__(
        self,
        opened: Opened,
        parts: Iterable[_T],
        take_up: Callable[[Opened], None],
        set_aside: Callable[[Opened], None],
        fault: Callable[[str, Exception], None],
    ) -> None:
        self._opened = opened
        self._parts = parts
        self._steps: Iterator[_T] | None = None
        self._take_up, self._set_aside = take_up, set_aside
        self._fault = fault

    def __next__(self) -> _T:
        try:
            self._take_up(self._opened)
        except Exception as error:
            self._fault("take_up", error)
        try:
            if self._steps is None:
                self._steps = iter(self._parts)
            return next(self._steps)
        finally:
            try:
                self._set_aside(self._opened)
            except Exception as error:
                self._fault("set_aside", error)
