"""A thread's recorder: puts events of the thread's strands into the thread's stream.

Knows when a session begins and ends, which session the stream is at, and what had to be dropped.
It decides nothing about frames; `rewind.capture.frames` does.
"""

from _thread import get_ident
from collections import deque
from collections.abc import Callable
from sys import getprofile, gettrace
from typing import Final

from rewind.capture.latest import Latest
from rewind.capture.registry import Code
from rewind.capture.scalars import is_brief
from rewind.capture.strands import Frame, Session, Strand
from rewind.capture.tasks import thread_name
from rewind.model.clock import monotonic_ns, time_ns
from rewind.model.events import Control
from rewind.model.wire import append, append_integer, pack, unsigned
from rewind.spool.room import wait_for_room
from rewind.spool.stream import ALONE, BEYOND, Stream

_clock = monotonic_ns
_RETRY_NS: Final = 20_000_000
"""How long to leave a full spool alone before asking again, ns, at least."""
_RETRY_TIMES: Final = 32
"""And so many times as long as asking took: it looks at every segment."""
_LONGEST_RETRY_NS: Final = 1_000_000_000
COST_SAMPLE: Final = 0x7F
"""One event in this many (plus one) is timed; the rest are taken to cost the same."""
_DT_ROOM: Final = 9
_NO_TIME: Final = b"\0"
_MOST_LATE: Final = 1000
"""Records that may come up while those that waited are written. What watches the interpreter and
is itself recorded (a callback of `sys.monitoring`) is called for our frames too, and makes more
without end.
"""


class Recorder:
    """Writes one thread's events.

    Used by its thread only, so nothing here is locked; the agent reads the counters when the
    process says goodbye. After a fork the child's thread gets a new one. `close` ends it.
    """

    def __init__(
        self,
        stream: Stream,
        limit: float,
        new_session: Callable[[Session | None, bool | None], Session],
        latest: Latest,
    ) -> None:
        self.stream = stream
        self.base = Strand()
        """The thread's own strand."""
        self.strand = self.base
        """The strand that runs now, as far as known."""
        self.tasks: dict[int, Strand] = {}
        """Strands of asyncio tasks on this thread, by `id()` of the task."""
        self.greenlets: dict[int, Strand] = {}
        """Strands of greenlets but the main one, likewise."""
        self.kept: dict[Strand, None] = {}
        """Both in the order in which they were met."""
        self.greenlet = 0
        """The one that ran at the last look, as strands have it."""
        self.idle = Strand()
        """Stands for a greenlet that has no frame open; nothing goes onto it."""
        self.untimed = COST_SAMPLE
        """How many more events come before the one whose cost is taken."""
        self._timed_events = 0
        self.dropped = 0
        """Events that are not recorded, of all sessions."""
        self.cost_ns = 0
        """Time spent in probes, extrapolated from a sample."""
        self.closed = False
        self._limit = limit
        self._new_session = new_session
        self._latest = latest
        latest.recorder = None
        self.current: Session | None = None
        """The session that the stream is at."""
        self._retry_ns = 0
        self._owes = False
        """It has a segment beyond the spool's bound, and is to wait for room."""
        self._ends = False
        """A last word is written, which is not to be lost where the spool is full."""
        self._unsaid = 0
        """Dropped events of sessions that were over before there was room to say so."""
        self.short_in: Code | Frame | None = None
        """Code of the frame on top, once it is known to be in the session that the stream is at.
        Whatever may change that forgets it."""
        self.writing = False
        """A record is being written: what interrupts that has to wait."""
        self.late: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()

    def time_soon(self, value: object) -> int:
        """Return the time of an event with that value, to which the simplest steps have led.

        It is that of the event before it (docs/format.md says when): looking at the clock takes as
        long as all else that the native core does for an event.
        """
        # One whose cost is taken needs the time at which its probe began.
        if self._latest.recorder is self and self.untimed and is_brief(value):
            return self.stream.last_ns
        return _clock()

    def emit(self, strand: Strand, prefix: bytes, payload: bytes | bytearray, now: int) -> None:
        """Record an event of the strand at `now`, on the monotonic clock."""
        session = strand.session
        # What follows an event that is not recorded has a time of its own.
        self._latest.recorder = None
        if session is None or not session.recorded or self.closed or not prefix:
            return
        if self.writing:
            self._interrupts(self._event, session, prefix, payload, now)
            return
        self.writing = True
        try:
            self._event(session, prefix, payload, now)
            if self.late:
                self.catch_up()
        finally:
            self.writing = False

    def _write(self, write: Callable[..., object], *arguments: object) -> None:
        """Call `write`; at once, or when what it interrupts is whole.

        A signal handler or a finalizer of the program's may run in the middle of ours, and is
        recorded as well: what it tells comes after the record that was being written. `emit` does
        the same, spelled out as it is HOT.
        """
        self.short_in = None
        if self.writing:
            self._interrupts(write, *arguments)
            return
        self.writing = True
        try:
            write(*arguments)
            self.catch_up()
        finally:
            self.writing = False

    def _interrupts(self, write: Callable[..., object], *arguments: object) -> None:
        # A tracer or profiler of the program's is called for our frames as well, each time anew
        # while we catch up: what it does then is nothing that the program does by itself.
        if gettrace() is None and getprofile() is None:
            self.late.append((write, arguments))
        else:
            self.dropped += 1

    def catch_up(self) -> None:
        """Write what has come up while a record was written, and had to wait."""
        # What waits by now has an end, and what comes up meanwhile may have none. One by one, as
        # more may come up between any two steps.
        left = len(self.late) + _MOST_LATE
        while self.late:
            write, arguments = self.late.popleft()
            if left > 0:
                write(*arguments)
            else:
                self.dropped += 1
            left -= 1

    def _event(self, session: Session, prefix: bytes, payload: bytes | bytearray, now: int) -> None:
        session.events += 1
        if session.events <= self._limit and self._timed(session, prefix, payload, now):
            if self.untimed:
                self.untimed -= 1
            else:
                self.untimed = COST_SAMPLE
                self._timed_events += 1
                self.cost_ns += (_clock() - now) * (COST_SAMPLE + 1)
        else:
            session.dropped += 1
            self.dropped += 1

    def _timed(self, session: Session, prefix: bytes, payload: bytes | bytearray, now: int) -> bool:
        """Write a record whose second element is the time since the stream's last one."""
        if session is not self.current and not self._switch(session):
            return False
        stream = self.stream
        passed = now - stream.last_ns
        record = bytearray(prefix)
        record += unsigned(passed) if passed > 0 else _NO_TIME
        record += payload
        done = stream.append(record)
        if done:
            stream.last_ns = now
        else:
            done = self._in_new_segment(session, prefix, payload)
        if done:
            self._latest.recorder = self
        return done

    def _in_new_segment(self, session: Session, prefix: bytes, payload: bytes | bytearray) -> bool:
        lost = pack([Control.DROPPED, session.key, session.dropped, "spool"])
        if not self._advance(len(prefix) + len(payload) + len(lost) + _DT_ROOM):
            return False
        if session.dropped:
            self.stream.append(lost)
            session.dropped = 0
        # The segment begins now, and so does its time.
        return self.stream.append(bytearray(prefix) + _NO_TIME + payload)

    def control(self, strand: Strand, *record: int) -> None:
        """Record something about the strand's stack that is no event."""
        session = strand.session
        if session is None or not session.recorded or self.closed:
            return
        self._write(self._control, session, record)

    def _control(self, session: Session, record: tuple[int, ...]) -> None:
        if session is self.current or self._switch(session):
            self._put(pack(record))

    def _switch(self, session: Session) -> bool:
        """Make the session current in the stream; a new one is announced, late if it must be."""
        if not self._put(session.announcement or pack([Control.SWITCH, session.key])):
            return False
        session.announcement = b""
        self.current, self.short_in = session, None
        return True

    def _put(self, record: bytes) -> bool:
        stream = self.stream
        return stream.append(record) or (self._advance(len(record)) and stream.append(record))

    def _advance(self, least: int) -> bool:
        now = _clock()
        goes_beyond = self._ends or (self.stream.folder.goes_beyond and not self._owes)
        if now < self._retry_ns and not goes_beyond:
            return False
        # Whoever reads the new segment must know which session it begins in.
        again = b"" if self.current is None else pack([Control.SWITCH, self.current.key])
        asked_at = monotonic_ns()
        least += len(again)
        if self.stream.advance(least) or (goes_beyond and self._advance_beyond(least)):
            self.stream.append(again)
            return True
        rest = max(_RETRY_NS, (monotonic_ns() - asked_at) * _RETRY_TIMES)
        self._retry_ns = now + min(rest, _LONGEST_RETRY_NS)
        return False

    def _advance_beyond(self, least: int) -> bool:
        """Take one segment more than there is room for, and wait as soon as the record is whole."""
        if self._ends:
            return self.stream.advance(least, ALONE)
        self._owes = self.stream.advance(least, BEYOND)
        if self._owes:
            self.late.append((self._wait_for_room, ()))
        return self._owes

    def _wait_for_room(self) -> None:
        # What a signal's handler records meanwhile goes into the segment that there is.
        self.writing = False
        try:
            wait_for_room(self.stream.folder)
        finally:
            self.writing = True
            self._owes = False

    # Sessions

    def begin(
        self,
        strand: Strand,
        facts: dict[str, object],
        parent: Session | None = None,
        recorded: bool | None = None,  # noqa: FBT001 - chance decides where it is None
    ) -> Session:
        """Begin a session on the strand; see `rewind.capture.engine`."""
        session = self._new_session(parent, recorded)
        recorded = session.recorded and not self.closed
        if recorded:
            facts |= {
                "task": None,
                "id": session.id,
                "parent": None if parent is None else parent.id,
                "monotonic_ns": _clock(),
                "wall_ns": time_ns(),
                "thread": get_ident(),
                "thread_name": thread_name(self.greenlet),
            }
            session.announcement = pack([Control.SESSION, session.key, facts])
        # Not before it can be announced: an interrupt may come at any call above.
        strand.session = session
        if recorded:
            self._write(self._switch, session)
        return session

    def finish(self, strand: Strand, error: bytes | None = None) -> None:
        """End the strand's session; `error` is a captured exception, if one ended it."""
        session, strand.session = strand.session, None
        if session is not None:
            self.end(session, error)

    def end(self, session: Session, error: bytes | None = None) -> None:
        """End a session; `error` is a captured exception, if one ended it."""
        if session.recorded and not self.closed:
            self._write(self._finish, session, error)

    def tell(self, session: Session, record: bytes) -> None:
        """Record what is no event and tells by its key which session it is about."""
        if session.recorded and not self.closed:
            self._write(self._tell, session, record)

    def _tell(self, session: Session, record: bytes) -> None:
        if not session.announcement or self._switch(session):
            self._put(record)

    def settle(self, session: Session) -> None:
        """Write down what is only counted so far, of a session that may not go on."""
        if session.recorded and not self.closed:
            self._write(self._settle, session)

    def has(self, strand: Strand) -> bool:
        """Return whether a strand is this thread's."""
        return strand is self.base or strand in self.kept

    def keep(self, strand: Strand, strands: dict[int, Strand], address: int) -> None:
        """Know the strand of a task or greenlet."""
        strands[address] = strand
        self.kept.setdefault(strand)

    def drop(self, strands: dict[int, Strand], address: int) -> None:
        """Forget the strand of a task or greenlet, unless it is one of the other as well."""
        strand = strands.pop(address, None)
        if strand is None or strand in (
            self.tasks.get(strand.task),
            self.greenlets.get(strand.greenlet),
        ):
            return
        self.kept.pop(strand, None)

    @property
    def own(self) -> Strand:
        """The greenlet's own strand, whichever task runs in it."""
        return self.greenlets.get(self.greenlet, self.idle) if self.greenlet else self.base

    def follow(self, greenlet: int, strand: Callable[["Recorder"], Strand]) -> None:
        """Be at the greenlet that runs."""
        if greenlet != self.greenlet:
            self.greenlet = greenlet
            self.strand = strand(self)
            self._latest.recorder = None

    def _finish(self, session: Session, error: bytes | None) -> None:
        try:
            self._settle_last(session)
            self._say_finished(session, error)
        finally:
            self._ends = False

    def _say_finished(self, session: Session, error: bytes | None) -> None:
        prefix, payload = bytearray(b"\x95"), bytearray()
        append_integer(prefix, Control.FINISH)
        append_integer(payload, session.key)
        append(payload, "completed" if error is None else "error")
        payload += b"\xc0" if error is None else error
        self._timed(session, bytes(prefix), payload, _clock())

    def _settle_last(self, session: Session) -> None:
        """Settle a session that is over; what follows are last words, until `_ends` is reset."""
        # One that nobody can be told of leaves no trace but a number.
        self._ends = not session.announcement or self._switch(session)
        self._settle(session)
        self._unsaid += session.dropped
        session.dropped = 0

    def _settle(self, session: Session) -> None:
        """Write down how much of the session was dropped and withheld since the last time."""
        if session.dropped:
            reason = "limit" if session.events > self._limit else "spool"
            if self._put(pack([Control.DROPPED, session.key, session.dropped, reason])):
                session.dropped = 0
        if session.redacted and self._put(pack([Control.REDACTED, session.key, session.redacted])):
            session.redacted = 0

    def counted(self) -> dict[str, int]:
        """Return what a process says of it when it says goodbye."""
        return {
            "events": self._timed_events * (COST_SAMPLE + 1) + COST_SAMPLE - self.untimed,
            "probe_ns": self.cost_ns,
            "dropped": self.dropped,
            "unsaid": self._unsaid,
        }

    def close(self) -> None:
        """Record nothing more; what the open sessions withheld is written down."""
        if self.closed:
            return
        for strand in (self.base, *self.kept):
            if strand.session is not None:
                self._write(self._settle_last, strand.session)
                self._ends = False
        self.closed = True
        self.current = None
        self.stream.close()
