"""What control records say, looked at before it becomes rows: a damaged spool may say anything.

Everything here raises `ValueError`, `TypeError` or `LookupError` for what cannot be, which makes
the record one that cannot be read: a database would refuse it, and no writer could ever go on.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from rewind.store import Process, Report, Session
from rewind.store.rows import COMPLETED, ERROR, RUNNING
from rewind.writer.records import LATEST

Facts = Mapping[str, Any]

_TRACE = re.compile("[0-9a-f]{32}")
_SPAN = re.compile("[0-9a-f]{16}")
_NO_MAP: Final = "what is learned of a session is no map"
_LONGEST_ID: Final = 32
LONGEST_HASH: Final = 64
_MOST: Final = 1 << 48
"""What no count comes to: a database adds counts up, in 63 bits."""

PLACES: Final = bytes(
    map(
        Session._fields.index,
        (
            *("kind", "trigger", "module", "function", "task", "id", "parent_id"),
            *("origin_ns", "start_ns", "thread", "thread_name", "key"),
        ),
    )
)
"""Where in a row the facts of a session that begins stand, in the order in which the cores tell
them, and the key."""


def blank_session(process: Process) -> Session:
    """Return the row of a session of which nothing is known yet but its process."""
    return Session("", process.recording_id, process.id, 0, "", "", RUNNING, 0, 0)


def session_of(process: Process, key: object, facts: Facts) -> Session:
    """Return the row of a session that begins."""
    return Session(
        id=key_text(facts, "id", _LONGEST_ID),
        recording_id=process.recording_id,
        process_id=process.id,
        key=number(key),
        trigger=text(facts, "trigger"),
        kind=text(facts, "kind"),
        status=RUNNING,
        start_ns=number(facts["wall_ns"]),
        origin_ns=number(facts["monotonic_ns"]),
        module=perhaps_text(facts, "module") or None,
        function=perhaps_text(facts, "function") or None,
        thread=perhaps_number(facts, "thread"),
        thread_name=perhaps_text(facts, "thread_name"),
        task=perhaps_text(facts, "task"),
        parent_id=_perhaps_id(facts, "parent"),
        tags=_tags(facts),
    )


def _perhaps_id(facts: Facts, name: str) -> str | None:
    return None if facts.get(name) is None else key_text(facts, name, _LONGEST_ID)


def with_details(row: Session, details: Facts) -> Session:
    """Return a session's row with what was learned of it after it began."""
    if type(details) is not dict:
        raise TypeError(_NO_MAP)
    if details.get("trigger") is not None:
        row = row._replace(trigger=text(details, "trigger"))
    row = row._replace(tags={**row.tags, **_tags(details)})
    trace, span = row.tags.get("trace_id"), row.tags.get("parent_span")
    if not (isinstance(trace, str) and _TRACE.fullmatch(trace)):
        return row
    is_span = isinstance(span, str) and _SPAN.fullmatch(span)
    return row._replace(trace_id=trace, parent_span=str(span) if is_span else None)


def _tags(facts: Facts) -> dict[str, object]:
    return {str(name): _tag(value) for name, value in dict(facts.get("tags") or {}).items()}


def _tag(value: object) -> object:
    if value is None or type(value) in (bool, int, str) or _is_finite(value):
        return value
    return str(value)


def _is_finite(value: object) -> bool:
    # JSON has no others, and no database takes them.
    return type(value) is float and isfinite(value)


def report_of(process: Process, place: int, facts: Facts) -> Report:
    """Return the row of a report, the process's one of that number."""
    what, name, why = (text(facts, key) for key in ("what", "name", "why"))
    return Report(process.id, place, what, name, why, perhaps_number(facts, "line"))


def described(process: Process, facts: Facts) -> Process:
    """Return the row of a process that has described itself."""
    return process._replace(
        ppid=number(facts["ppid"]),
        argv=[text({"word": word}, "word") for word in facts["argv"]],
        executable=text(facts, "executable"),
        python=text(facts, "python"),
        core=text(facts, "core"),
        started_ns=number(facts["wall_ns"]),
    )


def parted(process: Process, facts: Facts) -> Process:
    """Return the row of a process that has said goodbye."""
    return process._replace(
        ended_ns=number(facts["wall_ns"]),
        probe_ns=perhaps_number(facts, "probe_ns"),
        dropped=process.dropped + count(facts.get("unsaid") or 0),
    )


def ending(status: object) -> str:
    """Return the status with which a session says that it is over."""
    if status not in (COMPLETED, ERROR):
        message = f"{status!r} is no end of a session"
        raise ValueError(message)
    return str(status)


def text(facts: Facts, name: str) -> str:
    """Return a text."""
    value = facts[name]
    if type(value) is not str:
        message = f"{name} is no text"
        raise ValueError(message)
    return value


def key_text(facts: Facts, name: str, longest: int) -> str:
    """Return a text by which rows are found: a database takes no other than it is.

    `longest` counts characters.
    """
    value = text(facts, name)
    if len(value) > longest or not (value.isascii() and value.isprintable()):
        message = f"{name} is no key"
        raise ValueError(message)
    return value


def perhaps_text(facts: Facts, name: str) -> str | None:
    """Return a text, or None where there is none."""
    value = facts.get(name)
    return value if value is None or type(value) is str else text(facts, name)


def number(value: object) -> int:
    """Return a number of 63 bits: a count, a time in ns, an id."""
    if type(value) is not int or not 0 <= value <= LATEST:
        message = f"{value!r} is no number from 0 on"
        raise ValueError(message)
    return value


def count(value: object) -> int:
    """Return how many there are of something that is added up."""
    if number(value) > _MOST:
        message = f"{value!r} is no count"
        raise ValueError(message)
    return number(value)


def perhaps_number(facts: Facts, name: str) -> int | None:
    """Return such a number, or None where there is none."""
    value = facts.get(name)
    return None if value is None else number(value)
