"""What a database is, found out without changing it.

First of two looks is at a SQLite file's bytes alone, second asks the database itself.
"""

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from rewind.sqlite_file import FOREIGN, NOTHING, VERSION_TABLE, Found, look_at

_OWN_TABLES = {VERSION_TABLE, "recordings", "sessions", "chunks"}


def in_file(url: URL) -> Found | None:
    """Return what a SQLite URL's file is, read without locks or side files; None for no file URL.

    Raises `StoreError` if the file cannot be read.
    """
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return look_at(str(url.database), url.render_as_string())


def in_database(connection: Connection) -> Found:
    """Return what the connected database is."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return NOTHING
    if not tables >= _OWN_TABLES:
        return FOREIGN
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return Found(empty=False, ours=True, revision=revision)
