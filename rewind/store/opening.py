"""Opening the database: what a URL names is looked at first, and only then touched.

A file or schema that is not ours, or newer than this Rewind, is refused without a byte of it, its
times or the files beside it being changed. SQLite is set up for one writer and many readers in
other processes.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from rewind.config import EXPORT_SUFFIX, MEMORY
from rewind.errors import (
    ConfigError,
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    StoreError,
)
from rewind.sqlite_file import APPLICATION_ID, HEAD, VERSION_TABLE, Found
from rewind.store.failures import UnreachableDatabaseError, shown, tell
from rewind.store.inspection import in_database, in_file
from rewind.store.server import server_engine

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

_BUSY_MS = 10_000
"""How long a SQLite connection waits for another process's transaction."""

_LOG_MS = 500
"""How long one waits for the others so that the file has a log: a program may be waiting for it."""

_CACHE_KIB = 8_000
"""What a SQLite connection keeps of the file at most. With its default, 2,000, a flush writes out
pages that it then reads and changes again, a quarter of all that it writes."""

_KINDS = "sqlite:///FILE or postgresql://USER@HOST/NAME"

_WRITING = "BEGIN IMMEDIATE"


class Store:
    """An open database, for any thread of the process that opened it.

    A forked child opens its own; `close` releases the connections.
    """

    def __init__(self, engine: Engine, folder: "TemporaryDirectory[str] | None" = None) -> None:
        self.engine = engine
        self.partitioned_until = ""
        """The id of a session from which on `rewind.store.partitions` looks again."""
        self.damage: tuple[str, ...] = ()
        """What could not be read of an exported file, for a person."""
        self.is_exported = False
        """Whether it is a file that was exported, which is only read."""
        self._folder = folder

    @property
    def url(self) -> str:
        """The database's URL without its password."""
        return shown(self.engine.url)

    def close(self) -> None:
        """Let go of all connections, and of the temporary folder that it was given."""
        self.engine.dispose()
        if self._folder is not None:
            self._folder.cleanup()


class _Wish(NamedTuple):
    """What may be done to a database that is not as it should be."""

    make: bool = False
    """Make one where there is none."""
    upgrade: bool = False
    """Bring an older one to this version."""


def open_store(url: str, *, upgrade: bool = False, record: bool = False) -> Store:
    """Open the database that `url` names (`sqlite:///file` or `postgresql://...`).

    A file that `rewind export` has made is opened as well, unless `upgrade` says that it is to be
    written to.

    With `upgrade` it is made where there is none, and brought to this version where it is older.
    With `record` the same, but for an older one on a server, which others may be writing to with
    the older Rewind. Raises `ForeignDatabaseError`, `OldDatabaseError` or `NewDatabaseError` for a
    database that is not for this version of Rewind (nothing in it was changed then), and
    `StoreError` if there is none or it cannot be used (`UnreachableDatabaseError`: not now), and
    `ConfigError` for a URL of another kind.
    """
    target = _parsed(url)
    if is_export(target):
        return _exported(target, written=upgrade or record)
    wish = _Wish(make=upgrade or record, upgrade=upgrade or (record and not _is_server(target)))
    _judge(target, in_file(target), wish)
    if wish.make:
        _make_folder(target)
    engine = _engine(target)
    try:
        _bring_up(engine, wish)
    except StoreError:
        engine.dispose()
        raise
    return Store(engine)


def is_export(url: URL) -> bool:
    """Return whether a URL names a file that `rewind export` has made, or would make."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return False
    found = in_file(url)
    return url.database.endswith(EXPORT_SUFFIX) or (found is not None and found.exported)


def _exported(url: URL, *, written: bool) -> Store:
    # Only here: most databases are none.
    from rewind.store.exports import open_export  # noqa: PLC0415

    store = open_export(url)
    store.is_exported = True
    if written:
        store.close()
        refuse_exported(store)
    return store


def refuse_exported(store: Store) -> None:
    """Raise `StoreError` for a file that was exported, of which something is to be changed."""
    if store.is_exported:
        message = f"{store.url} holds what was exported, and is only read; name another database"
        raise StoreError(message)


def writable(url: str) -> "Store":
    """Open a database in which something that is recorded is to be changed.

    Raises as `open_store` does, and `StoreError` for an exported file.
    """
    target = _parsed(url)
    return _exported(target, written=True) if is_export(target) else open_store(url)


def _bring_up(engine: Engine, wish: _Wish) -> None:
    _make(engine, wish)
    if wish.make and not _is_server(engine.url):
        _use_log(engine)


def _make(engine: Engine, wish: _Wish) -> None:
    with engine.connect() as connection:
        found = in_database(connection)
    _judge(engine.url, found, wish)
    is_server = _is_server(engine.url)
    if found.empty and not is_server:
        # Only here: most databases are there.
        from rewind.store.making import make_tables  # noqa: PLC0415

        if make_tables(engine):
            return
    if found.revision != HEAD or (wish.upgrade and is_server):
        # Only here: alembic takes longer to import than everything else takes to run.
        from rewind.store.upgrading import upgrade_schema  # noqa: PLC0415

        upgrade_schema(engine)


def _use_log(engine: Engine) -> None:
    """Let the file have a write-ahead log, if it has none.

    Each time: who made the tables may have been killed before it came to this, or have met others
    who were writing already.
    """
    # The journal's kind is part of the file and cannot be changed within a transaction.
    with engine.connect().execution_options(begin=None) as connection:
        if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "delete":
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_LOG_MS}")
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except UnreachableDatabaseError:
            pass  # Somebody is at it just now; it works without, and the next one tries again.
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")


def _judge(url: URL, found: Found | None, wish: _Wish) -> None:
    if found is None or found.revision == HEAD or (found.empty and wish.make):
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
    if not wish.upgrade:
        message = f"{place} was made by an older Rewind; run `rewind db upgrade`"
        raise OldDatabaseError(message)


def _is_known(revision: str | None) -> bool:
    return revision is not None and revision.isdecimal() and int(revision) <= int(HEAD)


def _parsed(url: str) -> URL:
    if url == MEMORY:
        why = "is gone with the run that it is for, and holds nothing"
        message = f'the database "{MEMORY}" {why}: name another one with --database'
        raise StoreError(message)
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


def engine_of(url: URL, connect: Callable[[], sqlite3.Connection]) -> Engine:
    """Return the engine of a SQLite file whose connections are made in a way of its own."""
    return _engine(url, creator=connect)


def _engine(url: URL, **creator: Any) -> Engine:  # noqa: ANN401 - the engine's own argument
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000}, **creator)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    else:
        engine = server_engine(url)
        event.listen(engine, "begin", _begin_on_server)
    event.listen(engine, "handle_error", tell)
    return engine


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own idea of when a transaction begins is set aside: `_begin` says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once where another wrote between
    # (https://sqlite.org/lang_transaction.html): writers say so at their beginning.
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)
    if statement == _WRITING:
        check_revision(connection)


def _begin_on_server(connection: Connection) -> None:
    if connection.get_execution_options().get("begin") == _WRITING:
        # Until the transaction's end nobody changes tables: who does so waits for this lock.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({APPLICATION_ID})")
        check_revision(connection)


def check_revision(connection: Connection) -> None:
    """Refuse a database that another Rewind has upgraded since it was opened."""
    revision = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608
    _judge(connection.engine.url, Found(empty=False, ours=True, revision=revision), _Wish())


def writing(store: Store) -> Connection:
    """Return a new connection for transactions that write.

    They take SQLite's write lock at once. They raise `NewDatabaseError` or `OldDatabaseError` where
    the schema is not this version's any more.
    """
    return store.engine.connect().execution_options(begin=_WRITING)


def _is_server(url: URL) -> bool:
    return url.get_backend_name() != "sqlite"
