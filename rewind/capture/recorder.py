"""A thread's recorder: puts events of the thread's strands into the thread's stream.

Knows when a session begins and ends, which session the stream is at, and what had to be dropped.
It decides nothing about frames; `rewind.capture.frames` does.
"""

import threading
from collections.abc import Callable
from itertools import islice
from sys import getprofile, gettrace
from time import monotonic_ns, time_ns
from typing import Final

from rewind.capture.strands import Session, Strand
from rewind.model.events import Control
from rewind.model.wire import append, append_integer, pack
from rewind.spool.stream import Stream

_clock = monotonic_ns
_RETRY_NS: Final = 20_000_000
"""How long to leave a full spool alone before asking again, ns."""
_COST_SAMPLE: Final = 0x1F
"""One event in this many (plus one) is timed; the rest are taken to cost the same."""
_DT_ROOM: Final = 9
_MOST_LATE: Final = 1000
"""Records that may have come up while one was written. What watches the interpreter and is itself
recorded (a callback of `sys.monitoring`) is called for our frames too, and makes more without end.
"""


class Recorder:
    """Writes one thread's events.

    Used by its thread only, so nothing here is locked; the agent reads the counters when the
    process says goodbye. After a fork the child's thread gets a new one. `close` ends it.
    """

    def __init__(
        self, stream: Stream, limit: float, new_session: Callable[[Session | None], Session]
    ) -> None:
        self.stream = stream
        self.base = Strand()
        """The thread's own strand."""
        self.strand = self.base
        """The strand that runs now, as far as known."""
        self.tasks: dict[int, Strand] = {}
        """Strands of asyncio tasks on this thread, by `id()` of the task."""
        self.events = 0
        self.dropped = 0
        """Events that are not recorded, of all sessions."""
        self.cost_ns = 0
        """Time spent in probes, extrapolated from a sample."""
        self.closed = False
        self._limit = limit
        self._new_session = new_session
        self._current: Session | None = None
        self._retry_ns = 0
        self._writing = False
        self._late: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def emit(self, strand: Strand, prefix: bytes, payload: bytes | bytearray, now: int) -> None:
        """Record an event of the strand at `now`, on the monotonic clock."""
        session = strand.session
        if session is None or not session.recorded or self.closed or not prefix:
            return
        if self._writing:
            self._interrupts(self._event, session, prefix, payload, now)
            return
        self._writing = True
        try:
            self._event(session, prefix, payload, now)
            if self._late:
                self._catch_up()
        finally:
            self._writing = False

    def _write(self, write: Callable[..., object], *arguments: object) -> None:
        """Call `write`; at once, or when what it interrupts is whole.

        A signal handler or a finalizer of the program's may run in the middle of ours, and is
        recorded as well: what it tells comes after the record that was being written. `emit` does
        the same, spelled out as it is HOT.
        """
        if self._writing:
            self._interrupts(write, *arguments)
            return
        self._writing = True
        try:
            write(*arguments)
            self._catch_up()
        finally:
            self._writing = False

    def _interrupts(self, write: Callable[..., object], *arguments: object) -> None:
        # A tracer or profiler of the program's is called for our frames as well, each time anew
        # while we catch up: what it does then is nothing that the program does by itself.
        if gettrace() is None and getprofile() is None:
            self._late.append((write, arguments))
        else:
            self.dropped += 1

    def _catch_up(self) -> None:
        for write, arguments in islice(self._late, _MOST_LATE):
            write(*arguments)
        self.dropped += max(0, len(self._late) - _MOST_LATE)
        self._late.clear()

    def _event(self, session: Session, prefix: bytes, payload: bytes | bytearray, now: int) -> None:
        session.events += 1
        if session.events <= self._limit and self._timed(session, prefix, payload, now):
            self.events += 1
            if not self.events & _COST_SAMPLE:
                self.cost_ns += (_clock() - now) * (_COST_SAMPLE + 1)
        else:
            session.dropped += 1
            self.dropped += 1

    def _timed(self, session: Session, prefix: bytes, payload: bytes | bytearray, now: int) -> bool:
        """Write a record whose second element is the time since the stream's last one."""
        if session is not self._current and not self._switch(session):
            return False
        stream = self.stream
        record = bytearray(prefix)
        append_integer(record, max(now - stream.last_ns, 0))
        record += payload
        if stream.append(record):
            stream.last_ns = now
            return True
        return self._in_new_segment(session, prefix, payload)

    def _in_new_segment(self, session: Session, prefix: bytes, payload: bytes | bytearray) -> bool:
        lost = pack([Control.DROPPED, session.key, session.dropped, "spool"])
        if not self._advance(len(prefix) + len(payload) + len(lost) + _DT_ROOM):
            return False
        if session.dropped:
            self.stream.append(lost)
            session.dropped = 0
        # The segment begins now, and so does its time.
        return self.stream.append(bytearray(prefix) + b"\0" + payload)

    def control(self, strand: Strand, *record: int) -> None:
        """Record something about the strand's stack that is no event."""
        session = strand.session
        if session is None or not session.recorded or self.closed:
            return
        self._write(self._control, session, record)

    def _control(self, session: Session, record: tuple[int, ...]) -> None:
        if session is self._current or self._switch(session):
            self._put(pack(record))

    def _switch(self, session: Session) -> bool:
        """Make the session current in the stream; a new one is announced, late if it must be."""
        if not self._put(session.announcement or pack([Control.SWITCH, session.key])):
            return False
        session.announcement = b""
        self._current = session
        return True

    def _put(self, record: bytes) -> bool:
        stream = self.stream
        return stream.append(record) or (self._advance(len(record)) and stream.append(record))

    def _advance(self, least: int) -> bool:
        now = _clock()
        if now < self._retry_ns:
            return False
        # Whoever reads the new segment must know which session it begins in.
        again = b"" if self._current is None else pack([Control.SWITCH, self._current.key])
        if self.stream.advance(least + len(again)):
            self.stream.append(again)
            return True
        self._retry_ns = now + _RETRY_NS
        return False

    # Sessions

    def begin(self, strand: Strand, facts: dict[str, object], parent: Session | None) -> Session:
        """Begin a session on the strand. `facts` has kind, trigger, module, function, task."""
        session = strand.session = self._new_session(parent)
        if session.recorded and not self.closed:
            facts |= {
                "id": session.id,
                "parent": None if parent is None else parent.id,
                "monotonic_ns": _clock(),
                "wall_ns": time_ns(),
                "thread": threading.get_ident(),
                "thread_name": thread_name(),
            }
            session.announcement = pack([Control.SESSION, session.key, facts])
            self._write(self._switch, session)
        return session

    def finish(self, strand: Strand, error: bytes | None = None) -> None:
        """End the strand's session; `error` is a captured exception, if one ended it."""
        session, strand.session = strand.session, None
        if session is None or not session.recorded or self.closed:
            return
        self._write(self._finish, session, error)

    def _finish(self, session: Session, error: bytes | None) -> None:
        self._settle(session)
        prefix, payload = bytearray(b"\x95"), bytearray()
        append_integer(prefix, Control.FINISH)
        append_integer(payload, session.key)
        append(payload, "completed" if error is None else "error")
        payload += b"\xc0" if error is None else error
        self._timed(session, bytes(prefix), payload, _clock())

    def _settle(self, session: Session) -> None:
        """Write down how much of the session was dropped and withheld since the last time."""
        if session.dropped:
            reason = "limit" if session.events > self._limit else "spool"
            self._put(pack([Control.DROPPED, session.key, session.dropped, reason]))
            session.dropped = 0
        if session.redacted:
            self._put(pack([Control.REDACTED, session.key, session.redacted]))
            session.redacted = 0

    def counted(self) -> dict[str, int]:
        """Return what a process says of it when it says goodbye."""
        return {"events": self.events, "probe_ns": self.cost_ns, "dropped": self.dropped}

    def close(self) -> None:
        """Record nothing more; what the open sessions withheld is written down."""
        if self.closed:
            return
        for strand in (self.base, *self.tasks.values()):
            if strand.session is not None:
                self._write(self._settle, strand.session)
        self.closed = True
        self.stream.close()


def thread_name() -> str:
    """Return the running thread's name, without making an object for a thread that has none."""
    # `current_thread()` would add a dummy to what the program's `threading.enumerate()` shows.
    active: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
    thread = active.get(threading.get_ident())
    name = None if thread is None else object.__getattribute__(thread, "_name")
    return name if type(name) is str else ""
