"""What a driver raises, as what Rewind raises: no caller needs to know SQLAlchemy's errors."""

import sqlite3

from sqlalchemy import ExceptionContext
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from rewind.errors import StoreError

_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""Primary result codes (https://sqlite.org/rescode.html) after which trying again can help."""


class UnreachableDatabaseError(StoreError):
    """The database does not answer now; it may later."""


def shown(url: URL) -> str:
    """Return a URL as a person may see it: no password, wherever it stands."""
    secrets = [key for key in url.query if "password" in key]
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(secrets)
    return plain.render_as_string(hide_password=True)


def tell(context: ExceptionContext) -> StoreError | None:
    """Return our error in place of the driver's; for the engine's event `handle_error`."""
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
    # Of Postgres: no connection, shutting down, deadlock, no lock or no answer in the time set.
    return context.is_disconnect or isinstance(context.sqlalchemy_exception, OperationalError)
