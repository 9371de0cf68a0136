"""The key of a module takes in its name: one without sites shares its base with the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS = "process_id, base, name, path, file_hash, codec, functions, sites"


def upgrade() -> None:
    _rebuild(["process_id", "base", "name"], "SELECT * FROM modules")


def downgrade() -> None:
    # Of those that share a base, at most one has sites.
    fullest = (
        "SELECT one.* FROM modules AS one WHERE NOT EXISTS (SELECT 1 FROM modules AS other"
        " WHERE other.process_id = one.process_id AND other.base = one.base"
        " AND (length(other.sites) > length(one.sites)"
        " OR (length(other.sites) = length(one.sites) AND other.name > one.name)))"
    )
    _rebuild(["process_id", "base"], fullest)


def _rebuild(key: list[str], rows: str) -> None:
    # SQLite cannot change a key in place.
    op.create_table(
        "modules_rebuilt",
        sa.Column("process_id", sa.String(80), nullable=False),
        sa.Column("base", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("codec", sa.String(32), nullable=False),
        sa.Column("functions", sa.LargeBinary, nullable=False),
        sa.Column("sites", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(*key),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"]),
        sa.ForeignKeyConstraint(["file_hash"], ["files.hash"]),
    )
    op.execute(
        f"INSERT INTO modules_rebuilt ({_COLUMNS}) SELECT {_COLUMNS} FROM ({rows}) AS kept"  # noqa: S608
    )
    op.drop_table("modules")
    op.rename_table("modules_rebuilt", "modules")
    op.create_index("ix_modules_file_hash", "modules", ["file_hash"])
