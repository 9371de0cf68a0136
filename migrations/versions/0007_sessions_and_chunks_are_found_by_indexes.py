"""Sessions are found by what they called, and chunks by what they are about, without reading more.

On SQLite the functions of sessions also lose the copy of each row that stood beside its key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_OUTLINE = (
    "session_id",
    "first",
    "last",
    "start_ns",
    "end_ns",
    "codec",
    "sites",
    "kinds",
    "size",
)


def upgrade() -> None:
    if _is_sqlite():
        _rebuild(with_rowid=False)
        op.create_index("ix_chunks_outline", "chunks", list(_OUTLINE))
    op.create_index(
        "ix_session_functions_name", "session_functions", ["module", "function", "session_id"]
    )
    op.drop_index("ix_sessions_parent_id", "sessions")
    op.create_index("ix_sessions_parent", "sessions", ["parent_id", "start_ns", "id"])


def downgrade() -> None:
    op.drop_index("ix_sessions_parent", "sessions")
    op.create_index("ix_sessions_parent_id", "sessions", ["parent_id"])
    op.drop_index("ix_session_functions_name", "session_functions")
    if _is_sqlite():
        op.drop_index("ix_chunks_outline", "chunks")
        _rebuild(with_rowid=True)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rebuild(*, with_rowid: bool) -> None:
    op.create_table(
        "session_functions_rebuilt",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("module", sa.Text, nullable=False),
        sa.Column("function", sa.Text, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "module", "function"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        "INSERT INTO session_functions_rebuilt (session_id, module, function, calls)"
        " SELECT session_id, module, function, calls FROM session_functions ORDER BY 1, 2, 3"
    )
    op.drop_table("session_functions")
    op.rename_table("session_functions_rebuilt", "session_functions")
