"""What every probe of the Python core needs: the running recorder, and how an event is written.

HOT: each call is paid by the user's program. A probe takes the clock first, writes its event, and
gives back what it was given. It raises nothing of its own: a fault is counted and turns the site
off; an exception that a signal handler raised while the probe ran is the program's and passes.
At the recursion limit there is no room to look or to complain, so that is passed over in silence.
Each probe spells this out, as a frame more would double its cost.
"""

from collections.abc import Callable
from typing import Final

from rewind.capture.frames import Frames, known_strand
from rewind.capture.greenlets import Greenlets
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code, Registry
from rewind.capture.snapshot import Snapshots
from rewind.capture.strands import Strand
from rewind.model.values import Omission, Tag

NOTHING: Final = b""
"""An empty payload."""
OMITTED_OFF: Final = bytes((0x92, Tag.OMITTED, Omission.OFF))
"""A value that the source says is not to be recorded."""


class Observer:
    """Called by any instrumented thread; a fork carries it over; `closed` recorders end it."""

    def __init__(
        self,
        registry: Registry,
        snapshots: Snapshots,
        recorder: Callable[[], Recorder],
        begin: Callable[[Recorder, Strand, Code], None],
        fault: Callable[[int, BaseException], None],
        trace_depth: int,
    ) -> None:
        self._registry = registry
        self._snapshots = snapshots
        self._recorder = recorder
        """Gives the running thread's recorder."""
        self._begin = begin
        self._fault = fault
        self._trace_depth = trace_depth
        self.frames = Frames()

    def meet_greenlets(self, greenlets: Greenlets) -> None:
        """Tell greenlets apart from now on: each probe that asks for the recorder has it look."""
        frames, of_thread = self.frames, self._recorder

        def recorder() -> Recorder:
            found = of_thread()
            frames.follow_switch(found)
            return found

        if frames.greenlets is None:
            self._recorder = recorder
        frames.greenlets = greenlets

    def running(self, recorder: Recorder) -> Strand:
        """Return the strand that runs, for a session to begin on."""
        self._look(recorder)
        return self.frames.running(recorder)

    def known(self, recorder: Recorder) -> Strand:
        """Return the strand that runs, as far as it is known."""
        self._look(recorder)
        return known_strand(recorder)

    def _look(self, recorder: Recorder) -> None:
        if self.frames.greenlets is not None:
            self.frames.follow_switch(recorder)

    def forget_frames(self) -> None:
        """Know no open frame: those that a child of a fork has began in its parent."""
        self.frames.resumable.clear()

    def _at(self, recorder: Recorder, site: int) -> Strand | None:
        """Return the strand whose top frame the site stands in; None if there is none."""
        code = self._registry.code[site]
        strand = recorder.strand
        stack = strand.stack
        if stack:
            top = stack[-1]
            # A plain frame is its code; to ask it for that is a call more.
            if top is code or top.code is code:
                return strand
        return self.frames.find(recorder, code)

    def _write(self, strand: Strand, payload: bytearray, value: object) -> None:
        secrets = self._snapshots.write(payload, value)
        if secrets and strand.session is not None:
            strand.session.redacted += secrets

    def _emit_value(
        self, recorder: Recorder, strand: Strand, site: int, value: object, now: int
    ) -> None:
        session = strand.session
        if session is None or not session.recorded:
            return
        payload = bytearray()
        registry = self._registry
        if site in registry.off:
            payload += OMITTED_OFF
        else:
            write = self._snapshots.withhold if registry.secret[site] else self._snapshots.write
            session.redacted += write(payload, value)
        recorder.emit(strand, registry.prefix[site], payload, now)
