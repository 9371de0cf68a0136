"""Gives the room of what was removed back.

SQLite writes the whole file anew, which takes as much free disk as the file and keeps writers
waiting: what is recorded meanwhile rests in its spool. Postgres lets the room be used again, and
nobody waits.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from rewind.errors import StoreError
from rewind.store import schema
from rewind.store.opening import Store
from rewind.store.reading import read_status


class Freed(NamedTuple):
    """Bytes of the database before and after."""

    before: int
    after: int


def vacuum(store: Store) -> Freed:
    """Give room back; raises `StoreError` where that cannot be."""
    before = read_status(store).bytes
    with store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _rewrite(connection, store.url, Path(str(store.engine.url.database)))
        else:
            _free_tables(connection, store.url)
    return Freed(before, read_status(store).bytes)


def _rewrite(connection: Connection, url: str, path: Path) -> None:
    room, needed = shutil.disk_usage(path.parent).free, path.stat().st_size
    if room < needed:
        message = f"{url} cannot be vacuumed: it takes {needed:,} bytes of disk, {room:,} are free"
        raise StoreError(message)
    plain = connection.execution_options(begin=None)
    plain.exec_driver_sql("VACUUM")
    # Until then what is new rests in the log, and the file keeps its size.
    plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _free_tables(connection: Connection, url: str) -> None:
    plain = connection.execution_options(isolation_level="AUTOCOMMIT")
    # The server would skip the tables of others, and only warn of it.
    query = "SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE tablename = :name"
    for table in schema.metadata.sorted_tables:
        owned = plain.scalars(text(query), {"name": table.name}).all()
        if not all(owned):
            message = f"{url} cannot be vacuumed: its tables are another user's"
            raise StoreError(message)
    for table in schema.metadata.sorted_tables:
        plain.exec_driver_sql(f"VACUUM {table.name}")
