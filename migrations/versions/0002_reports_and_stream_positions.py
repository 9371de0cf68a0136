"""Reports of a recording, and how far each stream of a running process has been stored."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_PROCESS = sa.String(80)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("process_id", _PROCESS, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("line", sa.BigInteger),
        sa.PrimaryKeyConstraint("process_id", "number"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"]),
    )
    op.create_table(
        "streams",
        sa.Column("process_id", _PROCESS, nullable=False),
        sa.Column("stream", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("clock_ns", sa.BigInteger, nullable=False),
        sa.Column("session_key", sa.BigInteger),
        sa.PrimaryKeyConstraint("process_id", "stream"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"]),
    )


def downgrade() -> None:
    op.drop_table("streams")
    op.drop_table("reports")
