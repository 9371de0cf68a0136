"""The Python core's short way: an event of scalars or of nothing, written where it stands.

Most events of most programs are such. What the probes elsewhere ask each other in a dozen calls is
spelled out here, at a third of the cost; whatever is not as it mostly is goes to the probe itself
(`longer`), from its beginning. The bytes are the same.

Whether a frame of the site's function is on top, and in the session that the stream is at, one look
at `Recorder.short_in` tells. Every other probe forgets that before it does anything, and so does
who begins, ends or changes a session.
"""

import sys
from collections.abc import Callable
from threading import local
from typing import Any, NamedTuple

from rewind.capture.brief import FIX, all_brief, brief
from rewind.capture.latest import Latest
from rewind.capture.layouts import Layouts, put_otherwise
from rewind.capture.lines import line_in
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code, Shorts
from rewind.capture.strands import Frame
from rewind.model.clock import monotonic_ns

_clock = monotonic_ns
_frame = sys._getframe

Probe = Callable[..., Any]


class OfThread(local):
    """Each thread's recorder, once it has one."""

    recorder: Recorder | None = None


class Means(NamedTuple):
    """What short probes need: called by any thread, and carried over by a fork."""

    of_thread: OfThread
    short: Shorts
    latest: Latest
    reference: Callable[[object], bytes]
    """Gives who a value is, as that is written."""
    fault: Callable[[int, BaseException], None]


def _put(recorder: Recorder, latest: Latest, begins: bytes, later: Layouts, told: bytes) -> bool:
    """Write a record and the time since the one before it, if the segment has room for it.

    For what takes several times as long anyway; the others have it spelled out.
    """
    stream = recorder.stream
    segment = stream.segment
    if segment is None or segment.end > segment.ample:
        return False
    at = segment.end
    now = _clock()
    passed = now - stream.last_ns
    if 0xFF < passed <= 0xFFFF:
        put, size = later[len(told)]
        put(segment.map, at, begins, passed, told)
    else:
        size = put_otherwise(segment.map, at, begins, passed, told)
    stream.last_ns, latest.recorder = now, recorder
    segment.words[1] = segment.end = at + size
    return True


def _is_in(recorder: Recorder, code: Code) -> bool:
    """Return whether a frame of the code is on top, in the session that the stream is at."""
    strand = recorder.strand
    top = strand.stack[-1] if strand.stack else None
    if top is code or (type(top) is Frame and top.code is code):
        session = strand.session
        if session is not None and session is recorder.current:
            recorder.short_in = code
            return True
    return False


def short_site(means: Means, longer: Probe, *, soon: bool = False) -> Probe:
    """Return a probe that does as `longer`, which is told nothing but its site.

    `soon`: the simplest steps part the event from the one before it.
    """
    of_thread, short, latest, _, fault = means

    def probe(site: int) -> object:
        try:
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site)
            code, begins, at_once, later = known
            if recorder.short_in is not code and not _is_in(recorder, code):
                return longer(site)
            untimed = recorder.untimed
            if not untimed:
                return longer(site)
            recorder.writing = True
            try:
                stream = recorder.stream
                segment = stream.segment
                if segment is not None and segment.end <= segment.ample:
                    at = segment.end
                    if soon and latest.recorder is recorder:
                        put, size = at_once[0]
                        put(segment.map, at, begins)
                    else:
                        now = _clock()
                        passed = now - stream.last_ns
                        if 0xFF < passed <= 0xFFFF:
                            put, size = later[0]
                            put(segment.map, at, begins, passed)
                        else:
                            size = put_otherwise(segment.map, at, begins, passed, b"")
                        stream.last_ns, latest.recorder = now, recorder
                    segment.words[1] = segment.end = at + size
                    recorder.untimed = untimed - 1
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
    of_thread, short, latest, _, fault = means

    def probe(site: int, value: object) -> object:
        try:
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site, value)
            code, begins, at_once, later = known
            if recorder.short_in is not code and not _is_in(recorder, code):
                return longer(site, value)
            strand = recorder.strand
            if leaves and (len(strand.stack) < 2 or strand.stack[-1] is not code or strand.stores):
                return longer(site, value)
            untimed = recorder.untimed
            if not untimed:
                return longer(site, value)
            recorder.writing = True
            try:
                told = FIX[value] if type(value) is int and -32 <= value < 128 else brief(value)
                stream = recorder.stream
                segment = stream.segment
                if told and segment is not None and segment.end <= segment.ample:
                    at = segment.end
                    if soon and latest.recorder is recorder:
                        put, size = at_once[len(told)]
                        put(segment.map, at, begins, told)
                    else:
                        now = _clock()
                        passed = now - stream.last_ns
                        if 0xFF < passed <= 0xFFFF:
                            put, size = later[len(told)]
                            put(segment.map, at, begins, passed, told)
                        else:
                            size = put_otherwise(segment.map, at, begins, passed, told)
                        stream.last_ns, latest.recorder = now, recorder
                    segment.words[1] = segment.end = at + size
                    recorder.untimed = untimed - 1
                    if leaves:
                        recorder.short_in = strand.stack[-2] if recorder.short_in is code else None
                        strand.stack.pop()
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


def short_round(means: Means, longer: Probe) -> Probe:
    """Return a probe that does as `longer`: a loop's round and the name that it binds.

    That are two events in one.
    """
    of_thread, short, latest, _, fault = means

    def probe(site: int, value: object) -> object:
        try:
            recorder, known, bound = of_thread.recorder, short[site], short[site + 1]
            if recorder is None or known is None or bound is None or recorder.writing:
                return longer(site, value)
            code, begins, _, later = known
            _, begins_bound, at_once, _ = bound
            if recorder.short_in is not code and not _is_in(recorder, code):
                return longer(site, value)
            untimed = recorder.untimed
            if untimed < 2:
                return longer(site, value)
            recorder.writing = True
            try:
                told = FIX[value] if type(value) is int and -32 <= value < 128 else brief(value)
                stream = recorder.stream
                segment = stream.segment
                if told and segment is not None and segment.end <= segment.ample:
                    at = segment.end
                    now = _clock()
                    passed = now - stream.last_ns
                    if 0xFF < passed <= 0xFFFF:
                        put, size = later[0]
                        put(segment.map, at, begins, passed)
                    else:
                        size = put_otherwise(segment.map, at, begins, passed, b"")
                    put, more = at_once[len(told)]
                    put(segment.map, at + size, begins_bound, told)
                    stream.last_ns, latest.recorder = now, recorder
                    segment.words[1] = segment.end = at + size + more
                    recorder.untimed = untimed - 2
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


def short_store(means: Means, longer: Probe) -> Probe:
    """Return a probe that does as `longer`, which is told a value and where it is stored.

    That is an owner, and of an item its key.
    """
    of_thread, short, latest, reference, fault = means

    def probe(site: int, value: object, owner: object, *key: object) -> object:
        try:
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site, value, owner, *key)
            code, begins, _, later = known
            if recorder.short_in is not code and not _is_in(recorder, code):
                return longer(site, value, owner, *key)
            # A key may be the name of a secret.
            if key and type(key[0]) is str:
                return longer(site, value, owner, *key)
            untimed = recorder.untimed
            if not untimed:
                return longer(site, value, owner, *key)
            recorder.writing = True
            try:
                told = all_brief(reference(owner), *key, value)
                if told and _put(recorder, latest, begins, later, told):
                    recorder.untimed = untimed - 1
                    if recorder.late:
                        recorder.catch_up()
                    return value
            except Exception as error:
                fault(site, error)
                return value
            finally:
                recorder.writing = False
            return longer(site, value, owner, *key)
        except RecursionError:
            return value

    return probe


def short_call(means: Means, longer: Probe) -> Probe:
    """Return a probe that does as `longer`, which is told a call's frame and arguments."""
    of_thread, short, latest, _, fault = means

    def probe(site: int, *arguments: object) -> object:
        try:
            frame = _frame(1)
            recorder, known = of_thread.recorder, short[site]
            if recorder is None or known is None or recorder.writing:
                return longer(site, arguments, frame)
            code, begins, _, later = known
            stack = recorder.strand.stack
            top = stack[-1] if stack else None
            if type(top) is not Code:
                return longer(site, arguments, frame)
            line = line_in(frame.f_back, top)
            if not line or (recorder.short_in is not top and not _is_in(recorder, top)):
                return longer(site, arguments, frame)
            untimed = recorder.untimed
            if not untimed:
                return longer(site, arguments, frame)
            recorder.writing = True
            try:
                told = all_brief(b"", *arguments, line)
                if told and _put(recorder, latest, begins, later, told):
                    recorder.untimed = untimed - 1
                    recorder.short_in = code if recorder.short_in is top else None
                    stack.append(code)
                    if recorder.late:
                        recorder.catch_up()
                    return None
            except Exception as error:
                return fault(site, error)
            finally:
                recorder.writing = False
            return longer(site, arguments, frame)
        except RecursionError:
            return None

    return probe
