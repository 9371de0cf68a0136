"""Opening the database: what a URL names is looked at first, and only then touched.

A file or schema that is not ours, or newer than this Rewind, is refused without a byte of it, its
times or the files beside it being changed. SQLite is set up for one writer and many readers in
other processes.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from rewind.errors import (
    ConfigError,
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    StoreError,
)
from rewind.store.inspection import Found, in_database, in_file
from rewind.store.schema import HEAD

_BUSY_MS = 10_000
"""How long a SQLite connection waits for another process's transaction."""

_CONNECT_S = 10
"""How long a Postgres server may take to answer."""

_KINDS = "sqlite:///FILE or postgresql://USER@HOST/NAME"

_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""Primary result codes (https://sqlite.org/rescode.html) after which trying again can help."""


class Store:
    """An open database, for any thread of the process that opened it.

    A forked child opens its own; `close` releases the connections.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def url(self) -> str:
        """The database's URL without its password."""
        return shown(self.engine.url)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


class UnreachableDatabaseError(StoreError):
    """The database does not answer now; it may later."""


def open_store(url: str, *, upgrade: bool) -> Store:
    """Open the database that `url` names (`sqlite:///file` or `postgresql://...`).

    With `upgrade` it is made where there is none, and brought to this version where it is older.
    Raises `ForeignDatabaseError`, `OldDatabaseError` or `NewDatabaseError` for a database that is
    not for this version of Rewind (nothing in it was changed then), and `StoreError` if there is
    none or it cannot be used (`UnreachableDatabaseError`: not now), and `ConfigError` for a URL of
    another kind.
    """
    target = _parsed(url)
    _judge(target, in_file(target), upgrade=upgrade)
    if upgrade:
        _make_folder(target)
    engine = _engine(target)
    try:
        _bring_up(engine, upgrade=upgrade)
    except StoreError:
        engine.dispose()
        raise
    return Store(engine)


def _bring_up(engine: Engine, *, upgrade: bool) -> None:
    with engine.connect() as connection:
        found = in_database(connection)
    _judge(engine.url, found, upgrade=upgrade)
    if found.revision != HEAD:
        # Only here: alembic takes longer to import than everything else takes to run.
        from rewind.store.upgrading import upgrade_schema  # noqa: PLC0415

        upgrade_schema(engine)


def _judge(url: URL, found: Found | None, *, upgrade: bool) -> None:
    if found is None or found.revision == HEAD or (found.empty and upgrade):
        return
    place = shown(url)
    if found.empty:
        message = f"there are no recordings at {place}; record something first: rewind run app.py"
        raise StoreError(message)
    if not found.ours:
        message = f"{place} holds something that Rewind did not make; name another database"
        raise ForeignDatabaseError(message)
    if not _is_known(found.revision):
        message = f"{place} was made by a newer Rewind; open it with that version or a later one"
        raise NewDatabaseError(message)
    if not upgrade:
        message = f"{place} was made by an older Rewind; run `rewind db upgrade`"
        raise OldDatabaseError(message)


def _is_known(revision: str | None) -> bool:
    return revision is not None and revision.isdecimal() and int(revision) <= int(HEAD)


def shown(url: URL) -> str:
    """Return a URL as a person may see it: no password, wherever it stands."""
    secrets = [key for key in url.query if "password" in key]
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(secrets)
    return plain.render_as_string(hide_password=True)


def _tell(context: ExceptionContext) -> StoreError | None:
    """Turn the driver's error into ours, so that no caller needs to know SQLAlchemy's."""
    if context.is_pre_ping or context.engine is None:
        return None
    cause = context.original_exception
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    message = f"{shown(context.engine.url)} cannot be used: {lines[0]}"
    return UnreachableDatabaseError(message) if _may_pass(context) else StoreError(message)


def _may_pass(context: ExceptionContext) -> bool:
    cause = context.original_exception
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _PASSING
    return context.is_disconnect or isinstance(context.sqlalchemy_exception, OperationalError)


def _parsed(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError:
        message = f"the database's URL cannot be read; write {_KINDS}"
        raise ConfigError(message) from None
    kind = target.drivername.partition("+")[0]
    if kind == "sqlite":
        return target
    if kind in ("postgresql", "postgres"):
        return target.set(drivername="postgresql+psycopg")
    message = f"database {shown(target)}: {kind} is not supported; write {_KINDS}"
    raise ConfigError(message)


def _make_folder(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    folder = Path(url.database).parent
    try:
        made = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if made and folder.name == ".rewind":
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        message = f"{shown(url)} cannot be used: {error.strerror}: {folder}"
        raise StoreError(message) from error


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000})
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    else:
        connect = {"connect_timeout": _CONNECT_S}
        engine = create_engine(url, connect_args=connect, pool_pre_ping=True)
    event.listen(engine, "handle_error", _tell)
    return engine


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own idea of when a transaction begins is set aside: `_begin` says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once where another wrote between
    # (https://sqlite.org/lang_transaction.html): writers say so at their beginning.
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def writing(store: Store) -> Connection:
    """Return a new connection whose transactions take the write lock at once."""
    return store.engine.connect().execution_options(begin="BEGIN IMMEDIATE")
