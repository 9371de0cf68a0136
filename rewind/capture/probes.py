"""The probes in Python: what rewritten code calls, for machines without the native core.

HOT: each call is paid by the user's program. A probe takes the clock first, writes its event, and
gives back what it was given. It raises nothing of its own: a fault is counted and turns the site
off; an exception that a signal handler raised while the probe ran is the program's and passes.
At the recursion limit there is no room to look or to complain, so that is passed over in silence.

Called by any instrumented thread; a fork carries them over; `closed` recorders end them.
"""

import builtins
import sys
from collections import deque
from collections.abc import Callable
from time import monotonic_ns
from types import FrameType

from rewind.capture.exceptions import came_out_of, exception_of, line_of, trace_of
from rewind.capture.frames import Frames, line_in
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code, Registry
from rewind.capture.snapshot import Snapshots
from rewind.capture.strands import Frame, Strand
from rewind.model import probes as names
from rewind.model.values import Omission, Tag
from rewind.model.wire import append, append_integer

_clock = monotonic_ns
_frame = sys._getframe
_NOTHING = b""
_NIL = b"\xc0"
"""msgpack nil."""


class FrameProbes:
    """Probes at which frames come and go."""

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
        self._frames = Frames()

    # Entering

    def call(self, site: int, *arguments: object) -> None:
        """A plain function begins."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = recorder.strand
            stack = strand.stack
            caller = _frame(1).f_back
            if not stack or type(stack[-1]) is not Code:
                strand = self._frames.arrive(recorder, caller, resumable=False)
            self._called(recorder, strand, site, arguments, now, caller)
            strand.stack.append(self._registry.code[site])
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
            strand = self._frames.arrive(recorder, caller, resumable=False)
            self._called(recorder, strand, site, arguments, now, caller)
            strand.stack.append(Frame(self._registry.code[site], 0, 0))
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
            strand = self._frames.arrive(recorder, caller, resumable=True)
            frame = self._frames.make_resumable(
                strand, self._registry.code[site], interpreter_frame
            )
            self._called(recorder, strand, site, arguments, now, caller, frame)
            self._frames.push(strand, frame)
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
    ) -> None:
        code = self._registry.code[site]
        if strand.session is None:
            self._begin(recorder, strand, code)
        session = strand.session
        if session is None or not session.recorded:
            return
        payload = bytearray()
        if frame is not None:
            append_integer(payload, frame.handle)
        write = self._snapshots.write
        withhold = self._snapshots.withhold
        for secret, value in zip(code.secret, arguments, strict=True):
            session.redacted += (withhold if secret else write)(payload, value)
        append_integer(payload, line_in(caller, strand))
        recorder.emit(strand, self._registry.prefix[site], payload, now)

    # Leaving

    def returned(self, site: int, value: object) -> object:
        """The frame ends with `value`."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
                self._frames.leave(recorder, strand)
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
            if strand.unwinding:
                strand.unwinding = False
                return
            found = self._at(recorder, site)
            if found is None:
                return
            frame = found.stack[-1]
            if type(frame) is Frame and frame.pending is not None:
                at, value = frame.pending
                frame.pending = None
                self._emit_value(recorder, found, at, value, now)
            self._frames.leave(recorder, found)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

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
            strand.exited = id(error), strand.stack[-1].code.qualname
            self._frames.leave(recorder, strand, bytes(captured))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def raised_kept(self, site: int) -> None:
        """The same in a frame whose `left` follows."""
        try:
            recorder = self._recorder()
            self.raised(site)
            recorder.strand.unwinding = True
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    # Passing exceptions

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
            strand.is_handled()
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
        left_by, function = strand.exited
        through = left_by == id(error) and came_out_of(error, function)
        payload = bytearray(captured)
        append_integer(payload, line_of(error))
        append(payload, through)
        append(payload, None if through else trace_of(error, self._trace_depth))
        recorder.emit(strand, self._registry.prefix[site], payload, now)
        return captured

    # Going out and coming back

    def yielding(self, site: int, value: object) -> object:
        """A generator gives a value and leaves the stack."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
                self._frames.suspend(strand)
                self._frames.left(recorder, strand)
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
                recorder.emit(strand, self._registry.prefix[site], _NOTHING, now)
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
            if not self._frames.is_on_top(self._recorder(), interpreter_frame):
                self._resume(site, None, now, interpreter_frame)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def _resume(self, site: int, value: object, now: int, interpreter_frame: FrameType) -> None:
        recorder = self._recorder()
        frame = self._frames.resume(recorder, interpreter_frame)
        if frame is None or frame.strand is None:
            return
        strand = frame.strand
        if strand.session is None:
            self._begin(recorder, strand, frame.code)
        payload = bytearray()
        append_integer(payload, frame.handle)
        self._write(strand, payload, value)
        recorder.emit(strand, self._registry.prefix[site], payload, now)

    # Shared

    too_deep = RecursionError

    def _at(self, recorder: Recorder, site: int) -> Strand | None:
        """Return the strand whose top frame the site stands in; None if there is none."""
        code = self._registry.code[site]
        strand = recorder.strand
        stack = strand.stack
        if stack and stack[-1].code is code:
            return strand
        return self._frames.find(recorder, code)

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
        write = self._snapshots.withhold if registry.secret[site] else self._snapshots.write
        session.redacted += write(payload, value)
        recorder.emit(strand, registry.prefix[site], payload, now)

    def install(self) -> None:
        """Put the probes where rewritten code finds them."""
        for name in names.NAMES:
            setattr(builtins, names.PREFIX + name, getattr(self, name))


_MUTABLE = frozenset(id(kind) for kind in (list, dict, set, bytearray, deque))


class Probes(FrameProbes):
    """All probes: those of frames, and those at which values change and ways part."""

    def variable(self, site: int, value: object) -> object:
        """A name is bound to `value`."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def branch(self, site: int, outcome: object) -> object:
        """A condition had this outcome, or a `match` took the case of this index."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                payload = bytearray()
                append(payload, outcome)
                recorder.emit(strand, self._registry.prefix[site], payload, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return outcome

    def loop(self, site: int) -> None:
        """A further iteration begins; or, as `deleted`, a name is unbound."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                recorder.emit(strand, self._registry.prefix[site], _NOTHING, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    deleted = loop

    def mutated(self, site: int, receiver: object, result: object) -> object:
        """A method that changes containers was called on a name; its result is given back."""
        try:
            now = _clock()
            if id(type(receiver)) in _MUTABLE:
                recorder = self._recorder()
                strand = self._at(recorder, site)
                if strand is not None:
                    self._emit_value(recorder, strand, site, receiver, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return result

    # Attributes and items

    def store(self, site: int, value: object) -> object:
        """A value is on its way into an attribute or item, whose own probe comes next."""
        try:
            self._recorder().strand.hold_store(site, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    hold = hold_key = item_owner = store

    def attribute(self, site: int, owner: object) -> object:
        """The value kept for the site goes into an attribute of `owner`."""
        try:
            now = _clock()
            strand = self._recorder().strand
            self._emit_store(site, now, owner, None, strand.take_store(site))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def item_slice(self, site: int, owner: object) -> object:
        """The value kept for the site goes into a slice of `owner`."""
        try:
            now = _clock()
            strand = self._recorder().strand
            self._emit_store(site, now, owner, (), strand.take_store(site))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def item_key(self, site: int, key: object) -> object:
        """The value stored before the owner goes into the owner's item `key`."""
        try:
            now = _clock()
            strand = self._recorder().strand
            owner = strand.take_store(site)
            value = strand.take_store(site)
            if owner:
                self._emit_store(site, now, owner[0], (key,), value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return key

    def stored_attribute(self, site: int) -> None:
        """A statement has set an attribute of the owner held last."""
        try:
            now = _clock()
            held = self._recorder().strand.take_store(site)
            if held:
                value = self._snapshots.peek_attribute(held[0], self._registry.name[site])
                self._emit_store(site, now, held[0], None, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def stored_item(self, site: int) -> None:
        """A statement has set the item whose owner and key were held last."""
        try:
            now = _clock()
            strand = self._recorder().strand
            key, owner = strand.take_store(site), strand.take_store(site)
            if key and owner:
                value = self._snapshots.peek_item(owner[0], key[0])
                self._emit_store(site, now, owner[0], key, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def _emit_store(
        self,
        site: int,
        now: int,
        owner: object,
        key: tuple[object, ...] | None,
        value: tuple[object, ...],
    ) -> None:
        """Record an attribute (no `key`) or item; empty tuples stand for what is not known."""
        recorder = self._recorder()
        strand = self._at(recorder, site)
        if strand is None or strand.session is None or not strand.session.recorded:
            return
        payload = bytearray()
        self._snapshots.write_reference(payload, owner)
        secret = self._registry.secret[site]
        if key is not None:
            self._write_known(strand, payload, key)
            if key and type(key[0]) is str:
                secret = secret or self._snapshots.is_secret(key[0])
        if secret and value:
            strand.session.redacted += self._snapshots.withhold(payload, value[0])
        else:
            self._write_known(strand, payload, value)
        recorder.emit(strand, self._registry.prefix[site], payload, now)

    def _write_known(self, strand: Strand, payload: bytearray, value: tuple[object, ...]) -> None:
        if value:
            self._write(strand, payload, value[0])
        else:
            payload += bytes((0x92, Tag.OMITTED, Omission.HIDDEN))

    def deleted_attribute(self, site: int, owner: object) -> object:
        """An attribute or slice of `owner` is about to be deleted."""
        try:
            now = _clock()
            self._emit_deletion(site, now, owner, ())
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def deleted_item(self, site: int, key: object) -> object:
        """The item `key` of the owner held last is about to be deleted."""
        try:
            now = _clock()
            owner = self._recorder().strand.take_store(site)
            if owner:
                self._emit_deletion(site, now, owner[0], (key,))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return key

    def _emit_deletion(self, site: int, now: int, owner: object, key: tuple[object, ...]) -> None:
        recorder = self._recorder()
        strand = self._at(recorder, site)
        if strand is None:
            return
        payload = bytearray()
        self._snapshots.write_reference(payload, owner)
        for one in key:
            self._write(strand, payload, one)
        prefix = self._registry.prefix[site]
        if not prefix:
            return
        # The site of a deletion does not tell how much its payload holds; the array's header does.
        recorder.emit(strand, bytes((prefix[0] + 1 + len(key),)) + prefix[1:], payload, now)
