"""Making the schema and bringing an older one up, by the scripts of `migrations/`.

Two processes may begin at once: each waits for the database's lock and looks again under it. All
happens in one transaction, so that a database is never seen half made.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from rewind.sqlite_file import APPLICATION_ID, HEAD, VERSION_TABLE
from rewind.store.partitions import put_in_place

_LOCK = APPLICATION_ID
"""Key of the Postgres advisory lock."""

_PACKAGE = Path(__file__).resolve().parent.parent


def scripts_folder() -> Path:
    """Return the folder of the migration scripts: in an installed package, or in a checkout."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Return alembic's configuration for a connection; its transaction is the caller's."""
    config = Config()
    config.set_main_option("script_location", str(scripts_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


def upgrade_schema(engine: Engine, revision: str = HEAD) -> None:
    """Bring the database to `revision`, from nothing or from an older one.

    Does nothing where another process has done so meanwhile.
    """
    sqlite = engine.dialect.name == "sqlite"
    connection = engine.connect().execution_options(begin="BEGIN EXCLUSIVE")
    with connection, connection.begin():
        if sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(alembic_config(connection), revision)
        if not sqlite and revision == HEAD:
            put_in_place(connection)
