"""Making a new SQLite database as the migrations would: they take longer than a short recording.

A test holds that both make the same.
"""

from sqlalchemy import Engine

from rewind.sqlite_file import APPLICATION_ID, HEAD, VERSION_TABLE
from rewind.store.inspection import in_database
from rewind.store.schema import metadata

_VERSION = f"""
CREATE TABLE {VERSION_TABLE} (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num)
)
"""
"""As alembic makes it."""


def make_tables(engine: Engine) -> bool:
    """Make all tables in one transaction; false where another process has made some meanwhile."""
    connection = engine.connect().execution_options(begin="BEGIN EXCLUSIVE")
    with connection, connection.begin():
        if not in_database(connection).empty:
            return False
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        metadata.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(_VERSION)
        version = f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')"  # noqa: S608 - our own words
        connection.exec_driver_sql(version)
    return True
