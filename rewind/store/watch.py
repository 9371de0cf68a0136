"""Notices that something was committed, without asking what.

SQLite counts commits of other connections (`PRAGMA data_version`); Postgres sends a notification
with every append (`NOTIFY rewind`).
"""

from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text

from rewind.store.failures import UnreachableDatabaseError
from rewind.store.opening import Store

CHANNEL = "rewind"
"""Of the Postgres notification that each append sends."""


def notify(connection: Connection) -> None:
    """Have the transaction tell of itself; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))


class _Source(Protocol):
    def token(self) -> int: ...

    def close(self) -> None: ...


class Watch:
    """One connection that is kept to see changes. For one thread; `close` releases it.

    `token` raises `UnreachableDatabaseError` where the database went away; make another then.
    """

    def __init__(self, store: Store) -> None:
        sqlite = store.engine.dialect.name == "sqlite"
        self._source: _Source = (_DataVersion if sqlite else _Notifications)(store.engine)

    def token(self) -> int:
        """Return a number that differs from the last one if anything was committed between."""
        return self._source.token()

    def close(self) -> None:
        """Release the connection."""
        self._source.close()


class _DataVersion:
    """https://sqlite.org/pragma.html#pragma_data_version."""

    def __init__(self, engine: Engine) -> None:
        self._connection = _own(engine.connect())

    def token(self) -> int:
        with self._connection.begin():
            return int(self._connection.exec_driver_sql("PRAGMA data_version").scalar_one())

    def close(self) -> None:
        self._connection.close()


class _Notifications:
    """https://www.postgresql.org/docs/current/sql-listen.html."""

    def __init__(self, engine: Engine) -> None:
        options = {"isolation_level": "AUTOCOMMIT"}
        self._connection = engine.connect().execution_options(**options)
        self._driver: Any = self._connection.connection.driver_connection
        _own(self._connection).exec_driver_sql(f"LISTEN {CHANNEL}")
        self._seen = 0

    def token(self) -> int:
        try:
            self._seen += sum(1 for _ in self._driver.notifies(timeout=0))
        except self._connection.dialect.loaded_dbapi.Error as error:
            message = f"the database stopped telling of changes: {error}"
            raise UnreachableDatabaseError(message) from error
        return self._seen

    def close(self) -> None:
        self._driver.close()
        # It has no transaction to roll back, and the server may be gone.
        self._connection.invalidate()
        self._connection.close()


def _own(connection: Connection) -> Connection:
    """Take a connection out of the pool, which has room for few that are kept.

    Nor must one that listens be lent to anyone else later.
    """
    connection.detach()
    return connection
