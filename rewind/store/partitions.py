"""On Postgres: chunks rest in partitions, one for each day on which their session began.

A session's id begins with its time, so the id alone says the day. To let go of a day is then to
drop one table. Partitions are made ahead, by whoever may: `rewind db upgrade`, and writers whose
role owns the tables. What has none rests in `chunks_rest` and is missed by nobody; the next
`rewind db upgrade` brings it to its place. SQLite knows nothing of all this.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, TextClause, text

from rewind.errors import StoreError
from rewind.sqlite_file import APPLICATION_ID
from rewind.store.opening import Store, check_revision

_AHEAD = timedelta(days=14)
"""For how long partitions are made ahead."""
_AGAIN = timedelta(days=7)
"""How long before they run out the next ones are made."""
_REST = "chunks_rest"
_NAME = re.compile(r"chunks_(\d{8}|rest)")
_TIME_DIGITS = 12
_ID_DIGITS = 32
_DAY_MS = 86_400_000
_PATIENCE = "SET LOCAL lock_timeout = '400ms'"
"""Less than Postgres takes to look for a deadlock (a second), so that no reader is its victim."""

_OWNS = text(
    "SELECT pg_has_role(relowner, 'USAGE') AND has_schema_privilege(relnamespace, 'CREATE')"
    " FROM pg_class WHERE oid = 'chunks'::regclass"
)
_PARTITIONS = text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    " WHERE inhparent = 'chunks'::regclass"
)
_STAYS = """
    SELECT EXISTS (
        SELECT FROM sessions WHERE {id} >= :first AND {id} < :after
        AND (status = 'running' OR pinned
        OR NOT EXISTS (SELECT FROM unnest(CAST(:doomed AS text[])) AS d (id) WHERE d.id = {id}))
    )
"""
# The first makes use of the index, the second is right in any language of the server.
_STAYS_LIKELY = text(_STAYS.format(id="sessions.id"))
_STAYS_SURELY = text(_STAYS.format(id='sessions.id COLLATE "C"'))
_DAYS_OF_THE_REST = text(f"SELECT DISTINCT left(session_id, {_TIME_DIGITS}) FROM {_REST}")  # noqa: S608
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")


def is_no_partition(name: str | None, kind: str, _: object) -> bool:
    """Tell alembic which tables the schema describes."""
    return kind != "table" or name is None or _NAME.fullmatch(name) is None


def look_ahead(store: Store, session_ids: Iterable[str]) -> None:
    """Make partitions for the days to come, if these sessions show that it is time to.

    Where that cannot be now, it is for somebody else to do, or for later.
    """
    newest = max(session_ids, default="")
    if store.engine.dialect.name != "postgresql" or newest < store.partitioned_until:
        return
    today = _today()
    try:
        made = _make_ahead(store, today)
    except StoreError:
        made = False
    store.partitioned_until = _first_id(today + (_AHEAD - _AGAIN if made else timedelta(days=1)))


def _make_ahead(store: Store, today: date) -> bool:
    with store.engine.connect() as connection, connection.begin():
        if not connection.scalar(_OWNS):
            return False
        if today + _AHEAD - _AGAIN not in _days(connection):
            connection.exec_driver_sql(_PATIENCE)
            _make(connection, _coming(today))
        return True


def put_in_place(connection: Connection) -> None:
    """Make the partitions for what has none, and for the days to come; in one transaction.

    Waits for whoever uses the tables. Does nothing where the role may not.
    """
    if connection.scalar(_OWNS):
        _make(connection, {*_coming(_today()), *_waiting(connection)})


def _coming(today: date) -> set[date]:
    return {today + timedelta(days=n) for n in range(_AHEAD.days + 1)}


def _waiting(connection: Connection) -> set[date]:
    """Return the days, up to today, of what has no partition."""
    days = map(_day, connection.scalars(_DAYS_OF_THE_REST))
    return {day for day in days if day is not None and day <= _today()}


def _make(connection: Connection, days: Iterable[date]) -> None:
    _be_alone(connection)
    for day in sorted(set(days) - _days(connection)):
        name, bounds = _name(day), _bounds(day)
        # What rests among all else has to leave before there can be a partition for it.
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE chunks INCLUDING ALL)")
        move = (
            f"WITH gone AS (DELETE FROM {_REST} WHERE session_id >= :first AND session_id < :after"  # noqa: S608
            f" RETURNING *) INSERT INTO {name} SELECT * FROM gone"
        )
        connection.execute(text(move), bounds)
        connection.exec_driver_sql(
            f"ALTER TABLE chunks ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{bounds['first']}') TO ('{bounds['after']}')"
        )


def drop_whole_days(store: Store, doomed: Iterable[str]) -> None:
    """Let go of the chunks of days before today all of whose sessions are doomed.

    All other rows are the caller's to remove, chunks of other days among them. Does nothing where
    the role may not, or where others use the tables for too long.
    """
    if store.engine.dialect.name != "postgresql":
        return
    going: dict[date | None, list[str]] = {}
    for session_id in doomed:
        going.setdefault(_day(session_id), []).append(session_id)
    if not going:
        return
    # Where it fails, the caller removes row by row.
    with suppress(StoreError), store.engine.connect() as connection, connection.begin():
        if not connection.scalar(_OWNS):
            return
        past = [(day, going.get(day, [])) for day in _days(connection) if day < _today()]
        whole = [one for one in past if not _stays(connection, _STAYS_LIKELY, *one)]
        if whole:
            connection.exec_driver_sql(_PATIENCE)
            _be_alone(connection)
            connection.exec_driver_sql("LOCK TABLE sessions, chunks IN ACCESS EXCLUSIVE MODE")
        for day, ids in whole:
            if not _stays(connection, _STAYS_SURELY, day, ids):
                connection.exec_driver_sql(f"DROP TABLE {_name(day)}")


def _stays(connection: Connection, query: TextClause, day: date, doomed: list[str]) -> bool:
    """Return whether a session of that day is not doomed."""
    return bool(connection.scalar(query, {**_bounds(day), "doomed": doomed}))


def _be_alone(connection: Connection) -> None:
    """Keep those who write, or look after partitions, away until the transaction's end."""
    connection.execute(_ALONE, {"key": APPLICATION_ID})
    check_revision(connection)


def _days(connection: Connection) -> set[date]:
    found = map(_NAME.fullmatch, connection.scalars(_PARTITIONS))
    return {date.fromisoformat(one[1]) for one in found if one is not None and one[1] != "rest"}


def _today() -> date:
    return datetime.now(UTC).date()


def _name(day: date) -> str:
    return f"chunks_{day:%Y%m%d}"


def _bounds(day: date) -> dict[str, str]:
    return {"first": _first_id(day), "after": _first_id(day + timedelta(days=1))}


def _first_id(day: date) -> str:
    """Return the lowest id of a session that begins on that day (UTC)."""
    milliseconds = (day - date(1970, 1, 1)).days * _DAY_MS
    return f"{milliseconds:0{_TIME_DIGITS}x}".ljust(_ID_DIGITS, "0")


def _day(session_id: str) -> date | None:
    """Return the day (UTC) on which a session of that id began; None where it tells none."""
    try:
        days = int(session_id[:_TIME_DIGITS], 16) // _DAY_MS
        return date(1970, 1, 1) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
