"""Probes that see exceptions pass (see `rewind.capture.observer`)."""

from rewind.capture.exceptions import came_by, exception_of, line_of, trace_of, whereabouts
from rewind.capture.observer import Observer
from rewind.capture.recorder import Recorder
from rewind.capture.strands import Frame, Strand
from rewind.model.clock import monotonic_ns
from rewind.model.wire import append, append_integer

_clock = monotonic_ns


class ExceptionProbes(Observer):
    """Exceptions that leave a frame, pass through it, or are handled in it."""

    too_deep = RecursionError
    """No probe: what rewritten code lets pass in silence when a probe finds no room to run."""

    def raised(self, site: int) -> None:
        """The frame ends by the exception that is being handled."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is None:
                return
            error = exception_of()
            captured = self._emit_exception(recorder, strand, site, error, now)
            strand.exits.append((id(error), whereabouts(error)))
            strand.settled = (0, 0)
            top = strand.stack[-1]
            # A generator that is closed has not failed, nor has a greenlet that is told to end.
            closed = type(error) is GeneratorExit and type(top) is Frame and top.handle
            closed = closed or self.frames.ends_greenlet(strand, error)
            self.frames.leave(recorder, strand, None if closed else bytes(captured))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def raised_kept(self, site: int) -> None:
        """The same in a frame whose `left` follows."""
        try:
            recorder = self._recorder()
            self.raised(site)
            strand = recorder.strand
            strand.unwinding = len(strand.stack) + 1
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def noticed(self, site: int) -> None:
        """An exception passes out of a `with` or `try` that has more code to run."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._notice(recorder, strand, site, exception_of(), now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def handled(self, site: int) -> None:
        """An `except` clause begins; the site before this one is the exception's."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is None:
                return
            error = exception_of()
            self._notice(recorder, strand, site - 1, error, now)
            strand.is_handled(id(error), whereabouts(error).traceback)
            self._emit_value(recorder, strand, site, error, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def _notice(
        self, recorder: Recorder, strand: Strand, site: int, error: BaseException | None, now: int
    ) -> None:
        # What the statement that was left kept goes nowhere any more.
        strand.drop_stores(len(strand.stack))
        if strand.notices(site, id(error), line_of(error)):
            self._emit_exception(recorder, strand, site, error, now)

    def _emit_exception(
        self, recorder: Recorder, strand: Strand, site: int, error: BaseException | None, now: int
    ) -> bytearray:
        captured = bytearray()
        secrets = self._snapshots.write(captured, error)
        if strand.session is not None:
            strand.session.redacted += secrets
        through = came_by(error, strand.left_by(id(error), whereabouts(error).traceback))
        payload = bytearray(captured)
        append_integer(payload, line_of(error))
        append(payload, through)
        append(payload, None if through else trace_of(error, self._trace_depth))
        recorder.emit(strand, self._registry.prefix[site], payload, now)
        return captured
