"""Full chunks are never changed, on Postgres in partitions by day; growing ones have a table.

What is there already becomes the partition of all that has no day's partition; `rewind db upgrade`
takes it apart afterwards. The last chunk of a session that runs stays where it is: its writer goes
on with the next one.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COLUMNS = "session_id, first, last, start_ns, end_ns, codec, data, keyframe, sites, kinds, size"


def upgrade() -> None:
    op.create_table(
        "open_chunks",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        *_rest(),
        sa.PrimaryKeyConstraint("session_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
    )
    if _is_postgres():
        # Days are told apart by comparing ids, which must not depend on the server's language.
        op.execute('ALTER TABLE chunks ALTER session_id TYPE VARCHAR(32) COLLATE "C"')
        _rename("chunks_rest")
        _make_chunks("C", "RANGE (session_id)")
        op.execute("ALTER TABLE chunks ATTACH PARTITION chunks_rest DEFAULT")


def downgrade() -> None:
    if _is_postgres():
        _rename("chunks_by_day")
        _make_chunks(None, None)
        _copy("chunks_by_day")
    _copy("open_chunks")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _rename(name: str) -> None:
    op.execute(f"ALTER TABLE chunks RENAME TO {name}")
    op.execute(f"ALTER TABLE {name} RENAME CONSTRAINT chunks_pkey TO {name}_pkey")


def _make_chunks(collation: str | None, partitions: str | None) -> None:
    op.create_table(
        "chunks",
        sa.Column("session_id", sa.String(32, collation=collation), nullable=False),
        sa.Column("first", sa.BigInteger, autoincrement=False, nullable=False),
        *_rest(),
        sa.PrimaryKeyConstraint("session_id", "first"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
        postgresql_partition_by=partitions,
    )


def _rest() -> list[sa.Column[Any]]:
    return [
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("start_ns", sa.BigInteger, nullable=False),
        sa.Column("end_ns", sa.BigInteger, nullable=False),
        sa.Column("codec", sa.String(32), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("keyframe", sa.LargeBinary, nullable=False),
        sa.Column("sites", sa.LargeBinary, nullable=False),
        sa.Column("kinds", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
    ]


def _copy(table: str) -> None:
    op.execute(f"INSERT INTO chunks ({_COLUMNS}) SELECT {_COLUMNS} FROM {table}")  # noqa: S608
    op.drop_table(table)
