"""The Python core's short way: an event with nothing or a scalar to tell, written where it stands.

Most events of most programs are such. What the probes elsewhere ask each other in a dozen calls is
spelled out here, at half the cost; whatever is not as it mostly is goes to the probe itself
(`longer`), from its beginning. The bytes are the same.
"""

from collections.abc import Callable
from struct import Struct
from threading import local
from typing import Any, Final, NamedTuple

from rewind.capture.recorder import COST_SAMPLE, Latest, Recorder
from rewind.capture.registry import Registry
from rewind.capture.scalars import LEAST_LONG, SHORT_TEXT
from rewind.capture.strands import Frame
from rewind.model.clock import monotonic_ns
from rewind.model.wire import unsigned

_clock = monotonic_ns
_U16, _F64 = Struct(">BH").pack, Struct(">Bd").pack
_FIX: Final = [bytes((number,)) for number in (*range(0x80), *range(0xE0, 0x100))]
"""How the integers from -32 to 127 are written, each at its place."""
_TEXT: Final = [bytes((0xA0 + size,)) for size in range(SHORT_TEXT + 1)]
"""How text of so many bytes begins."""
_NIL, _FALSE, _TRUE = b"\xc0", b"\xc2", b"\xc3"
_NO_TIME: Final = b"\0"
_MOST: Final = 32
"""Bytes that such an event takes at most, with some to spare."""

Probe = Callable[..., Any]


class OfThread(local):
    """Each thread's recorder, once it has one."""

    recorder: Recorder | None = None


class Means(NamedTuple):
    """What short probes need: called by any thread, and carried over by a fork."""

    of_thread: OfThread
    registry: Registry
    latest: Latest
    fault: Callable[[int, BaseException], None]


def short_site(means: Means, longer: Probe, *, soon: bool = False) -> Probe:
    """Return a probe that does as `longer`, which is told nothing but its site.

    `soon`: the simplest steps part the event from the one before it.
    """
    of_thread, registry, latest, fault = means
    short = registry.short

    def probe(site: int) -> object:
        try:
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site)
            code, record = known
            strand, events = recorder.strand, recorder.events + 1
            session, stack = strand.session, strand.stack
            if session is None or session is not recorder.current or not events & COST_SAMPLE:
                return longer(site)
            top = stack[-1] if stack else None
            if top is not code and (type(top) is not Frame or top.code is not code):
                return longer(site)
            recorder.writing = True
            try:
                stream = recorder.stream
                segment = stream.segment
                if segment is not None and segment.end + _MOST <= segment.size:
                    now = stream.last_ns
                    if soon and latest.recorder is recorder:
                        record += _NO_TIME
                    else:
                        passed, now = -now, _clock()
                        passed += now
                        short_dt = 0xFF < passed <= 0xFFFF
                        record += _U16(0xCD, passed) if short_dt else unsigned(max(0, passed))
                    end = segment.end + len(record)
                    segment.map[segment.end : end] = record
                    segment.words[1] = segment.end = end
                    stream.last_ns, recorder.events, latest.recorder = now, events, recorder
                    if recorder.late:
                        recorder.catch_up()
                    return None
            except Exception as error:
                return fault(site, error)
            finally:
                recorder.writing = False
            return longer(site)
        except RecursionError:
            return None

    return probe


def short_value(means: Means, longer: Probe, *, soon: bool = False, leaves: bool = False) -> Probe:
    """Return a probe that does as `longer`, which is told a value and gives it back.

    `soon`: as above. `leaves`: the frame ends with it.
    """
    of_thread, registry, latest, fault = means
    short = registry.short

    def probe(site: int, value: object) -> object:
        try:
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site, value)
            code, record = known
            strand, events = recorder.strand, recorder.events + 1
            session, stack = strand.session, strand.stack
            if session is None or session is not recorder.current or not events & COST_SAMPLE:
                return longer(site, value)
            top = stack[-1] if stack else None
            if top is not code and (leaves or type(top) is not Frame or top.code is not code):
                return longer(site, value)
            if leaves and (len(stack) == 1 or strand.stores):
                return longer(site, value)
            recorder.writing = True
            try:
                if type(value) is bool:
                    told = _TRUE if value else _FALSE
                elif type(value) is int and -0x20 <= value < 0x80:
                    told = _FIX[value]
                else:
                    told = _told(value)
                stream = recorder.stream
                segment = stream.segment
                if told and segment is not None and segment.end + _MOST <= segment.size:
                    now = stream.last_ns
                    if soon and latest.recorder is recorder:
                        record += _NO_TIME + told
                    else:
                        passed, now = -now, _clock()
                        passed += now
                        short_dt = 0xFF < passed <= 0xFFFF
                        dt = _U16(0xCD, passed) if short_dt else unsigned(max(0, passed))
                        record += dt + told
                    end = segment.end + len(record)
                    segment.map[segment.end : end] = record
                    segment.words[1] = segment.end = end
                    stream.last_ns, recorder.events, latest.recorder = now, events, recorder
                    if leaves:
                        stack.pop()
                    if recorder.late:
                        recorder.catch_up()
                    return value
            except Exception as error:
                fault(site, error)
                return value
            finally:
                recorder.writing = False
            return longer(site, value)
        except RecursionError:
            return value

    return probe


def _told(value: Any) -> bytes:  # noqa: ANN401 - of any type that it asks for itself
    """Return how the value is written; nothing for one that is no scalar or takes more to tell."""
    kind = type(value)
    if kind is int:
        if 0 <= value < LEAST_LONG:
            return _U16(0xCD, value) if 0xFF < value <= 0xFFFF else unsigned(value)
    elif kind is float:
        return _F64(0xCB, value)
    elif kind is str:
        if len(value) <= SHORT_TEXT and value.isascii():
            told: bytes = _TEXT[len(value)] + value.encode()
            return told
    elif value is None:
        return _NIL
    return b""
