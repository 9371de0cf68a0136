"""The JSON objects of `docs/json.md`, made from read models.

The last step before the command line and the dashboard, used by both, so that they say the same.
Field names are a promise: a test holds them against the document. A malformed value is a
`FormatError` that names session and event.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from rewind.errors import FormatError
from rewind.model import events
from rewind.model.instrumentation import ModuleReport, counts
from rewind.replay.archive import Instrumentation, RecordingFacts, Status
from rewind.replay.current import Current, CurrentVariables
from rewind.replay.events import Event
from rewind.replay.frames import Absence
from rewind.replay.moments import Moment, StackEntry
from rewind.replay.natural import Json, natural
from rewind.replay.said import sentence
from rewind.replay.session import Session
from rewind.replay.sites import Module, Scope
from rewind.replay.sources import line_text
from rewind.replay.spans import Span
from rewind.replay.text import arguments_line, one_line
from rewind.replay.timeline import Bucket, Timeline
from rewind.replay.tree import tree
from rewind.replay.values import Opaque, identity
from rewind.store.rows import Process
from rewind.store.rows import Session as Facts
from rewind.store.statistics import Statistics

CONTEXT_LINES: Final = 10
"""Source lines shown before and after a moment's own."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Object = dict[str, Json]


def session(facts: Facts) -> Object:
    """Return a session as an element of the list."""
    duration = facts.duration_ns
    return {
        "id": facts.id,
        "recording": facts.recording_id,
        "trigger": facts.trigger,
        "kind": facts.kind,
        "status": facts.status,
        "start": _instant(facts.start_ns),
        "end": _instant(facts.start_ns + duration) if duration is not None else None,
        "duration_ns": duration,
        "events": facts.events,
        "first_event": facts.first_event,
        "dropped": facts.dropped,
        "redacted": facts.redacted,
        "module": facts.module,
        "function": facts.function,
        "process": facts.pid,
        "thread": facts.thread,
        "thread_name": facts.thread_name,
        "task": facts.task,
        "host": facts.host,
        "service": facts.service,
        "parent": facts.parent_id or facts.asked_by,
        "children": facts.children,
        "trace": facts.trace_id,
        "error": _error(facts),
        "tags": cast("Object", dict(facts.tags)),
        "pinned": facts.pinned,
        "name": facts.name,
    }


def _error(facts: Facts) -> Json:
    if facts.error_type is None:
        return None
    return {
        "type": facts.error_type,
        "message": facts.error_message or "",
        "event": facts.error_event,
    }


def _instant(ns: int) -> str:
    # Integer arithmetic: a float has no room for the microseconds of today.
    instant = _EPOCH + timedelta(microseconds=ns // 1000)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def session_details(facts: Facts, recorded: RecordingFacts | None) -> Object:
    """Return a session with the facts of its recording."""
    recording = _recording(recorded) if recorded is not None else None
    return session(facts) | {"recording": recording}


def _recording(facts: RecordingFacts) -> Object:
    recording = facts.recording
    probes = [process.probe_ns for process in facts.processes if process.probe_ns is not None]
    return {
        "id": recording.id,
        "argv": list(recording.argv),
        "python": recording.python,
        "platform": recording.platform,
        "git_commit": recording.git_commit,
        "cwd": recording.cwd,
        "reports": [
            {"what": report.what, "name": report.name, "why": report.why, "line": report.line}
            for report in facts.reports
        ],
        "cost": {
            "probe_ns": sum(probes) if probes else None,
            "events": sum(process.events for process in facts.processes),
        },
    }


def recording_details(facts: RecordingFacts) -> Object:
    """Return a recording with its processes, in the order in which they began."""
    ordered = sorted(facts.processes, key=lambda process: (process.started_ns or 0, process.pid))
    started = facts.recording.started_ns
    return _recording(facts) | {
        "name": facts.recording.name,
        "host": facts.recording.host,
        "service": facts.recording.service,
        "start": _instant(started),
        "processes": [_process(process) for process in ordered],
    }


def _process(process: Process) -> Json:
    start, end = process.started_ns, process.ended_ns
    return {
        "process": process.pid,
        "parent": process.ppid,
        "status": process.status,
        "argv": list(process.argv),
        "core": process.core,
        "start": None if start is None else _instant(start),
        "duration_ns": None if start is None or end is None else end - start,
        "events": process.events,
    }


def instrumentation(found: Instrumentation) -> Object:
    """Return what became of each module of a recording."""
    return modules(found.modules) | {
        "faults": [{"function": fault.name, "why": fault.why} for fault in found.faults],
        "replacements": [{"program": each.name, "why": each.why} for each in found.replacements],
    }


def modules(reports: Sequence[ModuleReport]) -> Object:
    """Return what became of modules, in a recording or by a forecast."""
    return {
        "modules": [
            {
                "name": report.name,
                "path": report.path,
                "status": report.status,
                "why": report.why or None,
                "gaps": [{"line": gap.line, "why": gap.why} for gap in report.gaps],
            }
            for report in reports
        ],
        "counts": {**counts(reports)},
    }


def status(figures: Status, database: str, version: str, *, changeable: bool) -> Object:
    """Return the figures of a database."""
    return {
        "database": database,
        "changeable": changeable,
        "sessions": figures.sessions,
        "bytes": figures.bytes,
        "recording": figures.recording,
        "version": version,
    }


def statistics(figures: Statistics, database: str) -> Object:
    """Return how much of what a database holds."""
    first, last = figures.oldest_ns, figures.newest_ns
    return {
        "database": database,
        "sessions": figures.sessions,
        "statuses": dict(figures.statuses),
        "pinned": figures.pinned,
        "recordings": figures.recordings,
        "processes": figures.processes,
        "events": figures.events,
        "chunks": figures.chunks,
        "bytes": figures.bytes,
        "parts": dict(figures.parts),
        "bytes_per_event": figures.bytes_per_event,
        "largest": [{**session._asdict()} for session in figures.largest],
        "oldest": None if first is None else _instant(first),
        "newest": None if last is None else _instant(last),
    }


def event(owner: Session, event: Event) -> Object:
    """Return an event of that session."""
    with _naming(owner, event):
        scope, frame = event.place.scope, event.frame
        known: Object = {
            "n": event.n,
            "kind": event.kind,
            "time_ns": event.time_ns,
            "frame": frame.number if frame is not None else None,
            "depth": frame.depth if frame is not None else 0,
            **_place(scope, event.line),
            "name": event.name,
            "detail": event.place.site.detail,
        }
        return known | _content(event) | {"line_text": _line(owner, scope.module, event.line)}


def _content(event: Event) -> Object:
    if event.kind == events.CALL:
        return _call(event)
    value = event.value
    found: Object = {"value": natural(value), "text": one_line(value) if event.has_value else ""}
    owner, known = event.owner, identity(value)
    if isinstance(owner, Opaque):
        found["owner"] = {"$type": owner.type, "id": owner.id}
    if event.has_key:
        found["key"] = natural(event.key)
    if known is not None:
        found["id"] = known
    if event.traceback:
        found["traceback"] = [
            {"file": file, "line": line, "function": function}
            for file, line, function in event.traceback
        ]
    return found


def _call(event: Event) -> Object:
    arguments = event.arguments
    return {
        "value": {name: natural(value) for name, value in arguments},
        "text": arguments_line(arguments),
    }


def _place(scope: Scope, line: int) -> Object:
    return {
        "function": scope.function.qualname,
        "module": scope.module.name,
        "file": scope.module.path,
        "line": line,
    }


def _line(owner: Session, module: Module, line: int) -> str:
    return line_text(owner.source(module), line)


def moment(owner: Session, moment: Moment, variables: CurrentVariables | None = None) -> Object:
    """Return a moment of that session; `variables` have answered for others of it before."""
    n, chosen = moment.event.n, moment.chosen
    current = variables or CurrentVariables(owner)
    with _naming(owner, moment.event):
        return {
            "session": session(owner.facts),
            "n": n,
            "event": event(owner, moment.event),
            "stack": [_entry(entry) for entry in moment.stack],
            "frame": chosen.frame.number if chosen is not None else None,
            "variables": [_variable(variable, n) for variable in current.at(moment)],
            "source": _surroundings(owner, chosen) if chosen is not None else None,
        }


def _entry(entry: StackEntry) -> Json:
    return {
        "frame": entry.frame.number,
        **_place(entry.frame.opened.scope, entry.line),
        "depth": entry.frame.depth,
        "call": {name: natural(value) for name, value in entry.arguments},
        "text": arguments_line(entry.arguments),
    }


def _variable(current: Current, n: int) -> Json:
    variable, value, previous = current.variable, current.value, current.previous
    return {
        "name": variable.name,
        "value": natural(value),
        "text": one_line(value),
        "tree": tree(value),
        "n": variable.n,
        "line": variable.place.site.line,
        "last_change": current.last_change,
        "changed": current.last_change == n,
        "previous": None if isinstance(previous, Absence) else one_line(previous),
        "since": current.since,
    }


def _surroundings(owner: Session, entry: StackEntry) -> Json:
    module = entry.frame.opened.scope.module
    lines = owner.source(module)
    first = max(1, entry.line - CONTEXT_LINES)
    return {
        "file": module.path,
        "first": first,
        "line": entry.line,
        "lines": list(lines[first - 1 : entry.line + CONTEXT_LINES]),
    }


def source(module: Module, lines: Sequence[str]) -> Object:
    """Return a source text as it was recorded."""
    return {"file": module.path, "module": module.name, "lines": list(lines)}


def timeline(owner: Session, timeline: Timeline | None) -> Object:
    """Return a session at a glance; of a session without events, an empty one."""
    if timeline is None:
        timeline = Timeline(0, 0, owner.facts.duration_ns or 0, (), (), (), spans_complete=True)
    return {
        "first": timeline.first,
        "last": timeline.last,
        "duration_ns": timeline.duration_ns,
        "buckets": [_bucket(bucket) for bucket in timeline.buckets],
        "spans": [_span(span) for span in timeline.spans],
        "exceptions": [_exception(owner, event) for event in timeline.exceptions],
        "spans_complete": timeline.spans_complete,
        "notes": [_said(owner, event) for event in timeline.notes],
        "marks": [_said(owner, event) | {"kind": event.kind} for event in timeline.marks],
    }


def _bucket(bucket: Bucket) -> Json:
    return {
        "first": bucket.first,
        "last": bucket.last,
        "start_ns": bucket.start_ns,
        "end_ns": bucket.end_ns,
        "kinds": dict(bucket.kinds),
    }


def _span(span: Span) -> Json:
    return {
        "frame": span.frame.number,
        "function": span.frame.opened.scope.function.qualname,
        "depth": span.frame.depth,
        "first": span.first,
        "last": span.last,
        "start_ns": span.start_ns,
        "end_ns": span.end_ns,
    }


def _exception(owner: Session, event: Event) -> Json:
    with _naming(owner, event):
        return {"n": event.n, "time_ns": event.time_ns, "text": one_line(event.value)}


def _said(owner: Session, event: Event) -> Object:
    with _naming(owner, event):
        return {"n": event.n, "time_ns": event.time_ns, "text": sentence(event)}


@contextmanager
def _naming(owner: Session, event: Event) -> Iterator[None]:
    try:
        yield
    except FormatError as error:
        place = f"session {owner.facts.id}, event {event.n}"
        message = str(error) if str(error).startswith(place) else f"{place}: {error}"
        raise FormatError(message) from error
