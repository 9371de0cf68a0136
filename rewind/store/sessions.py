"""Which sessions there are: filtered, counted, or one by its name.

Only finished SQL is sent here, the same question to SQLite and Postgres; what an answer means is
for `rewind.replay` to say.
"""

import json
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select

from rewind.errors import NoSuchSessionError
from rewind.store import schema
from rewind.store.called import Matches, called_such, count_called
from rewind.store.opening import Store
from rewind.store.rows import Session

_SHOWN_CANDIDATES = 5
_ID_LENGTH = 32

_MOST_CALLS_OF_A_PAGE = 5_000
"""Calls up to which a page of sessions is found by functions' names; of more, it is soon full."""
_MOST_CALLS_OF_A_COUNT = 50_000
"""The same of a count, which has to look at all sessions otherwise."""

_MOST_CALLS_COUNTED = 200_000
"""The same where nothing but a function is asked for."""

_sessions = schema.sessions.c


class SessionFilter(NamedTuple):
    """What sessions to find; None asks for nothing in that respect."""

    status: str | None = None
    kind: str | None = None
    module: str | None = None
    """A glob (`*`, `?`) on dotted names: the session called a function of such a module."""
    function: str | None = None
    """A glob on qualified names, or on `module.qualified name`: it called such a function."""
    search: str | None = None
    """Text in trigger, error, recording's name or a called function; case does not matter (on
    SQLite: of ASCII letters)."""
    tags: tuple[str, ...] = ()
    """Each `name` or `name=value`: the session has all of these tags."""
    after: int | None = None
    """Started at or after: wall clock, ns since 1970."""
    before: int | None = None
    """Started before: wall clock, ns since 1970."""
    recording: str | None = None
    service: str | None = None
    process: str | None = None
    parent: str | None = None
    """Begun by that session, here or in another service."""
    trace: str | None = None
    """Part of that trace: its id."""
    top_level: bool = False
    """Only those that have no parent."""


def read_sessions(
    store: Store, wanted: SessionFilter, *, limit: int | None = None, offset: int = 0
) -> list[Session]:
    """Return the sessions that match, newest first."""
    found = select(_sessions.id).where(*_conditions(store, wanted, _MOST_CALLS_OF_A_PAGE))
    # First which, then all about them: what comes before the offset is not looked into.
    page = found.order_by(*_NEWEST_FIRST).limit(limit).offset(offset or None)
    return _fetch(store, _select().where(_sessions.id.in_(page)).order_by(*_NEWEST_FIRST))


def count_sessions(store: Store, wanted: SessionFilter) -> int:
    """Return how many sessions match."""
    if _asks_for_functions_alone(wanted):
        globs = _globs(wanted, store.engine.dialect.name)
        found = count_called(store, globs, _MOST_CALLS_COUNTED)
        if found is not None:
            return found
    conditions = _conditions(store, wanted, _MOST_CALLS_OF_A_COUNT)
    query = select(func.count()).select_from(schema.sessions).where(*conditions)
    with store.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def _asks_for_functions_alone(wanted: SessionFilter) -> bool:
    every = SessionFilter()
    return wanted != every and wanted._replace(module=None, function=None) == every


def read_session(store: Store, name: str) -> Session:
    """Return a session by its id, a unique beginning of it, or `last`.

    `last` is the newest session that has no parent, or the newest of all where each has one.
    Raises `NoSuchSessionError`.
    """
    if name == "last":
        found = read_sessions(store, SessionFilter(top_level=True), limit=1)
        found = found or read_sessions(store, SessionFilter(), limit=1)
    else:
        found = _by_prefix(store, name.lower())
    if not found:
        message = "there is no session yet" if name == "last" else f"there is no session {name}"
        raise NoSuchSessionError(message)
    if len(found) > 1:
        ids = ", ".join(session.id for session in found[:_SHOWN_CANDIDATES])
        message = f"{name} is the beginning of more than one session's id: {ids}"
        raise NoSuchSessionError(message)
    return found[0]


def _by_prefix(store: Store, prefix: str) -> list[Session]:
    if not prefix or len(prefix) > _ID_LENGTH or set(prefix) - set("0123456789abcdef"):
        return []
    # A range and not LIKE: it uses the primary key whatever the database's collation.
    highest = prefix.ljust(_ID_LENGTH, "f")
    query = _select().where(_sessions.id >= prefix, _sessions.id <= highest)
    return _fetch(store, query.order_by(*_NEWEST_FIRST).limit(_SHOWN_CANDIDATES + 1))


_SPAN_AT = 17
"""Where in a session's id its span id begins, from 1 on."""

_child = schema.sessions.alias()
_asking = schema.sessions.alias()


def _asked(child: Any, parent: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns
    """Whether a session was begun by a request that another one has sent."""
    span = func.substr(parent.id, _SPAN_AT)
    return and_(child.trace_id == parent.trace_id, child.parent_span == span)


_CHILDREN = (
    select(func.count()).where(_child.c.parent_id == _sessions.id).scalar_subquery()
    + select(func.count()).where(_asked(_child.c, _sessions)).scalar_subquery()
)
_ASKED_BY = select(_asking.c.id).where(_asked(_sessions, _asking.c)).limit(1).scalar_subquery()
# By name: left to itself, the join takes all processes of the recording for the session's own.
_JOINED = schema.sessions.join(schema.recordings).join(
    schema.processes, schema.processes.c.id == schema.sessions.c.process_id
)
_NEWEST_FIRST = (_sessions.start_ns.desc(), _sessions.id.desc())


def _select() -> Select[Any]:
    return select(
        *schema.sessions.c,
        schema.processes.c.pid,
        schema.recordings.c.host,
        schema.recordings.c.service,
        schema.recordings.c.name,
        _CHILDREN,
        _ASKED_BY,
    ).select_from(_JOINED)


def _fetch(store: Store, query: Select[Any]) -> list[Session]:
    with store.engine.connect() as connection:
        return list(map(Session._make, connection.execute(query)))


def _conditions(store: Store, wanted: SessionFilter, most: int) -> list[ColumnElement[bool]]:
    dialect = store.engine.dialect.name
    exact = (
        (_sessions.status, wanted.status),
        (_sessions.kind, wanted.kind),
        (_sessions.recording_id, wanted.recording),
        (_sessions.process_id, wanted.process),
        (_sessions.trace_id, wanted.trace),
    )
    conditions = [column == value for column, value in exact if value is not None]
    if wanted.parent is not None:
        asked = select(_asking.c.id).where(
            _asking.c.id == wanted.parent, _asked(_sessions, _asking.c)
        )
        conditions.append(or_(_sessions.parent_id == wanted.parent, asked.exists()))
    if wanted.service is not None:
        recordings = schema.recordings.c
        of_service = select(recordings.id).where(recordings.service == wanted.service)
        conditions.append(_sessions.recording_id.in_(of_service))
    if wanted.top_level:
        conditions.append(_sessions.parent_id.is_(None))
    if wanted.after is not None:
        conditions.append(_sessions.start_ns >= wanted.after)
    if wanted.before is not None:
        conditions.append(_sessions.start_ns < wanted.before)
    if wanted.module is not None or wanted.function is not None:
        conditions.append(called_such(store, _globs(wanted, dialect), most))
    conditions += [_is_tagged(tag, dialect) for tag in wanted.tags]
    if wanted.search:
        conditions.append(_mentions(store, wanted.search, most))
    return conditions


def _globs(wanted: SessionFilter, dialect: str) -> Matches:
    """One function must match both globs."""

    def matches(module: ColumnElement[str], function: ColumnElement[str]) -> ColumnElement[bool]:
        conditions = []
        if wanted.module is not None:
            conditions.append(_glob(module, wanted.module, dialect))
        if wanted.function is not None:
            either = (function, module + "." + function)
            conditions.append(or_(*(_glob(name, wanted.function, dialect) for name in either)))
        return and_(*conditions)

    return matches


def _glob(column: ColumnElement[str], pattern: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        # LIKE there does not tell upper from lower case; GLOB does, and knows sets besides.
        return column.op("GLOB", is_comparison=True)(pattern.replace("[", "[[]"))
    return column.like(_escaped(pattern).replace("*", "%").replace("?", "_"), escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _is_tagged(tag: str, dialect: str) -> ColumnElement[bool]:
    """Look for the tag as it is written: a document of them has no other documents inside."""
    name, equals, value = tag.partition("=")
    written = [f"{json.dumps(name)}: "]
    if equals:
        values = [json.dumps(value), *([value] if _is_bare(value) else [])]
        written = [f"{written[0]}{each}{end}" for each in values for end in ",}"]
    place = func.instr if dialect == "sqlite" else func.strpos
    documents = cast(_sessions.tags, Text)
    return or_(*(place(documents, each) > 0 for each in written))


def _is_bare(value: str) -> bool:
    """Whether that is how JSON writes a number, true, false or null."""
    try:
        read = json.loads(value)
    except ValueError:
        return False
    return isinstance(read, int | float | None) and json.dumps(read) == value


def _mentions(store: Store, text: str, most: int) -> ColumnElement[bool]:
    pattern = f"%{_escaped(text)}%"
    # SQLite's LIKE does not tell upper from lower case; ILIKE there is it and two calls.
    is_sqlite = store.engine.dialect.name == "sqlite"

    def contains(column: ColumnElement[Any]) -> ColumnElement[bool]:
        like = column.like if is_sqlite else column.ilike
        return like(pattern, escape="\\")

    recordings = schema.recordings.c
    named = select(recordings.id).where(contains(recordings.name))
    error = or_(contains(_sessions.error_type), contains(_sessions.error_message))
    return or_(
        contains(_sessions.trigger),
        # Most have none, which is seen at once.
        and_(_sessions.error_type.is_not(None), error),
        _sessions.recording_id.in_(named),
        called_such(store, lambda module, function: contains(module + "." + function), most),
    )
