"""Sessions say which trace they are part of, and what in it began them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_INDEX = "ix_sessions_trace"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("trace_id", sa.String(32)))
    op.add_column("sessions", sa.Column("parent_span", sa.String(16)))
    op.create_index(_INDEX, "sessions", ["trace_id", "parent_span"])


def downgrade() -> None:
    op.drop_index(_INDEX, "sessions")
    op.drop_column("sessions", "parent_span")
    op.drop_column("sessions", "trace_id")
