"""Sessions can be pinned; SQLite finds the sizes of chunks without reading through them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INDEX = "ix_chunks_size"


def upgrade() -> None:
    pinned = sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("sessions", pinned)
    if _is_sqlite():
        op.create_index(_INDEX, "chunks", ["session_id", "size"])


def downgrade() -> None:
    if _is_sqlite():
        op.drop_index(_INDEX, "chunks")
    op.drop_column("sessions", "pinned")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
