"""Runs the migrations on the connection that `rewind.store.upgrading` brings.

The transaction and the lock are the caller's, so there is no way to run these from alembic's own
command line: `rewind db upgrade` does it.
"""

from alembic import context

from rewind.store.partitions import is_no_partition
from rewind.store.schema import metadata

attributes = context.config.attributes


def is_made_here(_: object, name: str | None, *__: object) -> bool:
    """Pass over indexes that are made on SQLite only (`ddl_if`), which alembic does not ask."""
    on_sqlite = name in {"ix_chunks_size", "ix_chunks_outline"}
    return not on_sqlite or attributes["connection"].dialect.name == "sqlite"


context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    target_metadata=metadata,
    include_name=is_no_partition,
    include_object=is_made_here,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
