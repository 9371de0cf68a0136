"""Connections to a Postgres server: few, named, and never waiting for a line that is dead."""

from typing import Any, Final

from sqlalchemy import Engine, PoolProxiedConnection, QueuePool, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import TimeoutError as NoneFreeError

from rewind.store.failures import UnreachableDatabaseError, shown

MOST_CONNECTIONS: Final = 5
"""In the pool of one process: a writer has one, the dashboard's threads share these."""

_WAIT_S = 10
"""How long a server may take to answer, and a thread waits for a connection."""

_OPTIONS: Final = {
    "connect_timeout": _WAIT_S,
    "fallback_application_name": "rewind",
    # Without these, a line that was cut without a word is waited for by the hour.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""https://www.postgresql.org/docs/current/libpq-connect.html; the URL's own ones win."""


class _Pool(QueuePool):
    url: URL

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except NoneFreeError:
            where = shown(self.url)
            message = f"{where} cannot be used: all {MOST_CONNECTIONS} connections are busy"
            raise UnreachableDatabaseError(message) from None


def server_engine(url: URL) -> Engine:
    """Return an engine whose connections are made as they are needed, up to `MOST_CONNECTIONS`."""
    options: dict[str, Any] = {
        name: value for name, value in _OPTIONS.items() if name not in url.query
    }
    engine = create_engine(
        url,
        connect_args=options,
        poolclass=_Pool,
        pool_size=MOST_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_WAIT_S,
        pool_pre_ping=True,
    )
    engine.pool.url = url  # type: ignore[attr-defined]
    return engine
