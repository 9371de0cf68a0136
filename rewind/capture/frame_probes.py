"""Probes at which frames come and go (see `rewind.capture.observer`)."""

import sys
from types import FrameType

from rewind.capture.lines import line_in
from rewind.capture.observer import NOTHING, OMITTED_OFF, Observer
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code
from rewind.capture.strands import Frame, Strand
from rewind.model.clock import monotonic_ns
from rewind.model.wire import append_integer

_clock = monotonic_ns
_frame = sys._getframe


class FrameProbes(Observer):
    """Calls, returns, yields and resumptions."""

    # Entering

    def call(self, site: int, arguments: tuple[object, ...], interpreter_frame: FrameType) -> None:
        """A plain function begins in the frame."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = recorder.strand
            stack = strand.stack
            caller = interpreter_frame.f_back
            if not stack or type(stack[-1]) is not Code:
                strand = self.frames.arrive(recorder, caller, resumable=False)
            code = self._called(recorder, strand, site, arguments, now, caller)
            unseen = code.leaves_unseen
            strand.stack.append(Frame(code, 0, id(interpreter_frame)) if unseen else code)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def call_kept(self, site: int, *arguments: object) -> None:
        """A plain function begins whose `return` is not its last act."""
        try:
            now = _clock()
            recorder = self._recorder()
            caller = _frame(1).f_back
            strand = self.frames.arrive(recorder, caller, resumable=False)
            code = self._called(recorder, strand, site, arguments, now, caller)
            strand.stack.append(Frame(code, 0, 0))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def call_resumable(self, site: int, *arguments: object) -> None:
        """The body of a generator or coroutine begins."""
        try:
            now = _clock()
            recorder = self._recorder()
            interpreter_frame = _frame(1)
            caller = interpreter_frame.f_back
            strand = self.frames.arrive(recorder, caller, resumable=True)
            code = self._registry.called(site)
            frame = self.frames.make_resumable(strand, code, interpreter_frame)
            self._called(recorder, strand, site, arguments, now, caller, frame)
            self.frames.push(strand, frame)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def _called(
        self,
        recorder: Recorder,
        strand: Strand,
        site: int,
        arguments: tuple[object, ...],
        now: int,
        caller: FrameType | None,
        frame: Frame | None = None,
    ) -> Code:
        known = self._registry.code[site]
        code = known if type(known) is Code else self._registry.called(site)
        stack = strand.stack
        line = line_in(caller, stack[-1]) if stack else 0
        if line == 0 and stack:
            self.frames.prune(recorder, strand, caller)
            line = line_in(caller, stack[-1]) if stack else 0
        if not (stack or strand.held or strand.task) and strand.session is not None:
            # An interrupt has come before its first frame was on the stack. A task goes on.
            recorder.finish(strand)
        if strand.session is None:
            self._begin(recorder, strand, code)
        session = strand.session
        if session is None or not session.recorded:
            return code
        payload = bytearray()
        if frame is not None:
            append_integer(payload, frame.handle)
        write = self._snapshots.write
        withhold = self._snapshots.withhold
        for secret, value in zip(code.secret, arguments, strict=True):
            session.redacted += (withhold if secret else write)(payload, value)
        append_integer(payload, line)
        recorder.emit(strand, self._registry.prefix[site], payload, now)
        return code

    # Leaving

    def returned(self, site: int, value: object) -> object:
        """The frame ends with `value`."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None and type(strand.stack[-1]) is Frame:
                self.frames.settle(recorder, strand, _frame(1))
                # What lay on top may have been another frame of the same function.
                strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
                self.frames.leave(recorder, strand)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def returned_soon(self, site: int, value: object) -> object:
        """The same; the simplest steps part it from the event before it."""
        try:
            recorder = self._recorder()
            now = recorder.time_soon(value)
            strand = self._at(recorder, site)
            if strand is not None:
                if type(strand.stack[-1]) is Frame:
                    self.frames.settle(recorder, strand, _frame(1))
                self._emit_value(recorder, strand, site, value, now)
                self.frames.leave(recorder, strand)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def returning(self, site: int, value: object) -> object:
        """A `return` is met; the frame ends when what follows it has run."""
        try:
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                frame = strand.stack[-1]
                if type(frame) is Frame:
                    frame.pending = (site, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def left(self, site: int) -> None:
        """The frame's last code has run."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = recorder.strand
            if strand.unwinding == len(strand.stack) + 1:
                strand.unwinding = 0
                return
            found = self._at(recorder, site)
            if found is None:
                return
            frame = found.stack[-1]
            if type(frame) is Frame and frame.pending is not None:
                at, value = frame.pending
                frame.pending = None
                self._emit_value(recorder, found, at, value, now)
            self.frames.leave(recorder, found)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    # Going out and coming back

    def yielding(self, site: int, value: object) -> object:
        """A generator gives a value and leaves the stack."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
                self.frames.suspend(recorder, strand)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def awaiting(self, site: int, value: object) -> object:
        """A frame waits for another and may leave the stack."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                recorder.emit(strand, self._registry.prefix[site], NOTHING, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def resumed(self, site: int, value: object) -> object:
        """A frame goes on after a `yield` or `await`, with `value`."""
        try:
            now = _clock()
            self._resume(site, value, now, _frame(1))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def reentered(self, site: int) -> None:
        """A frame may be going on without any other probe having said so."""
        try:
            now = _clock()
            interpreter_frame = _frame(1)
            if not self.frames.is_on_top(self._recorder(), interpreter_frame):
                self._resume(site, None, now, interpreter_frame)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def _resume(self, site: int, value: object, now: int, interpreter_frame: FrameType) -> None:
        recorder = self._recorder()
        code = self._registry.called(site)
        strand, frame = self.frames.resume(recorder, code, interpreter_frame)
        if strand.session is None:
            self._begin(recorder, strand, frame.code)
        payload = bytearray()
        append_integer(payload, frame.handle)
        if site in self._registry.off:
            payload += OMITTED_OFF
        else:
            self._write(strand, payload, value)
        below = strand.stack[-2] if len(strand.stack) > 1 else None
        append_integer(payload, line_in(interpreter_frame.f_back, below))
        recorder.emit(strand, self._registry.prefix[site], payload, now)
