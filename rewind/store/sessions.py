"""Which sessions there are: filtered, counted, or one by its name.

Only finished SQL is sent here, the same question to SQLite and Postgres; what an answer means is
for `rewind.replay` to say.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from rewind.errors import NoSuchSessionError
from rewind.store import schema
from rewind.store.opening import Store
from rewind.store.rows import Session

_SHOWN_CANDIDATES = 5
_ID_LENGTH = 32

_sessions = schema.sessions.c
_called = schema.session_functions.c


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
    after: int | None = None
    """Started at or after: wall clock, ns since 1970."""
    before: int | None = None
    """Started before: wall clock, ns since 1970."""
    recording: str | None = None
    process: str | None = None
    parent: str | None = None
    top_level: bool = False
    """Only those that have no parent."""


def read_sessions(
    store: Store, wanted: SessionFilter, *, limit: int | None = None, offset: int = 0
) -> list[Session]:
    """Return the sessions that match, newest first."""
    query = _select().where(*_conditions(store, wanted)).order_by(*_NEWEST_FIRST)
    return _fetch(store, query.limit(limit).offset(offset or None))


def count_sessions(store: Store, wanted: SessionFilter) -> int:
    """Return how many sessions match."""
    query = select(func.count()).select_from(_JOINED).where(*_conditions(store, wanted))
    with store.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def read_session(store: Store, name: str) -> Session:
    """Return a session by its id, a unique beginning of it, or `last`.

    `last` is the newest session that has no parent. Raises `NoSuchSessionError`.
    """
    if name == "last":
        found = read_sessions(store, SessionFilter(top_level=True), limit=1)
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


_child = aliased(schema.sessions)
_CHILDREN = select(func.count()).where(_child.c.parent_id == _sessions.id).scalar_subquery()
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
    ).select_from(_JOINED)


def _fetch(store: Store, query: Select[Any]) -> list[Session]:
    with store.engine.connect() as connection:
        return list(map(Session._make, connection.execute(query)))


def _conditions(store: Store, wanted: SessionFilter) -> list[ColumnElement[bool]]:
    dialect = store.engine.dialect.name
    exact = (
        (_sessions.status, wanted.status),
        (_sessions.kind, wanted.kind),
        (_sessions.recording_id, wanted.recording),
        (_sessions.process_id, wanted.process),
        (_sessions.parent_id, wanted.parent),
    )
    conditions = [column == value for column, value in exact if value is not None]
    if wanted.top_level:
        conditions.append(_sessions.parent_id.is_(None))
    if wanted.after is not None:
        conditions.append(_sessions.start_ns >= wanted.after)
    if wanted.before is not None:
        conditions.append(_sessions.start_ns < wanted.before)
    if wanted.module is not None or wanted.function is not None:
        conditions.append(_called_such(wanted, dialect))
    if wanted.search:
        conditions.append(_mentions(wanted.search))
    return conditions


def _called_such(wanted: SessionFilter, dialect: str) -> ColumnElement[bool]:
    """One call must match both globs."""
    conditions = [_called.session_id == _sessions.id]
    if wanted.module is not None:
        conditions.append(_glob(_called.module, wanted.module, dialect))
    if wanted.function is not None:
        qualified = _called.module + "." + _called.function
        conditions.append(
            or_(
                _glob(_called.function, wanted.function, dialect),
                _glob(qualified, wanted.function, dialect),
            )
        )
    return select(1).where(and_(*conditions)).exists()


def _glob(column: ColumnElement[str], pattern: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        # LIKE there does not tell upper from lower case; GLOB does, and knows sets besides.
        return column.op("GLOB", is_comparison=True)(pattern.replace("[", "[[]"))
    return column.like(_escaped(pattern).replace("*", "%").replace("?", "_"), escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _mentions(text: str) -> ColumnElement[bool]:
    pattern = f"%{_escaped(text)}%"
    called = select(1).where(
        _called.session_id == _sessions.id,
        (_called.module + "." + _called.function).ilike(pattern, escape="\\"),
    )
    columns = (
        _sessions.trigger,
        _sessions.error_type,
        _sessions.error_message,
        schema.recordings.c.name,
    )
    return or_(*(column.ilike(pattern, escape="\\") for column in columns), called.exists())
