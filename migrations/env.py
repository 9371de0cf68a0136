"""Runs the migrations on the connection that `rewind.store.upgrading` brings.

The transaction and the lock are the caller's, so there is no way to run these from alembic's own
command line: `rewind db upgrade` does it.
"""

from alembic import context

attributes = context.config.attributes

context.configure(connection=attributes["connection"], version_table=attributes["version_table"])
with context.begin_transaction():
    context.run_migrations()
