"""What the role that is connected may do: a writer needs no right to remove recordings."""

from sqlalchemy import Connection, text

_MAY_DELETE = text("SELECT has_table_privilege(:table, 'DELETE')")


def may_delete(connection: Connection, table: str) -> bool:
    """Return whether rows of a table may be deleted; in a SQLite file, all is everybody's."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.scalar(_MAY_DELETE, {"table": table}))
