"""Recordings, their processes, modules and sources; sessions and the chunks of their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.String(32)
_HASH = sa.String(64)
_WORD = sa.String(32)
_PROCESS = sa.String(80)


def upgrade() -> None:
    _make_recordings()
    _make_processes()
    _make_modules()
    _make_sessions()
    _make_session_functions()
    _make_chunks()


def downgrade() -> None:
    for table in (
        "chunks",
        "session_functions",
        "sessions",
        "modules",
        "files",
        "processes",
        "recordings",
    ):
        op.drop_table(table)


def _make_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("argv", sa.Text, nullable=False),
        sa.Column("cwd", sa.Text, nullable=False),
        sa.Column("python", sa.Text, nullable=False),
        sa.Column("implementation", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("git_commit", sa.Text),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("started_ns", sa.BigInteger, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_processes() -> None:
    op.create_table(
        "processes",
        sa.Column("id", _PROCESS, nullable=False),
        sa.Column("recording_id", _ID, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("start_ticks", sa.BigInteger, nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.Column("ppid", sa.BigInteger),
        sa.Column("argv", sa.Text, nullable=False),
        sa.Column("executable", sa.Text),
        sa.Column("python", sa.Text),
        sa.Column("core", sa.Text),
        sa.Column("started_ns", sa.BigInteger),
        sa.Column("ended_ns", sa.BigInteger),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("dropped", sa.BigInteger, nullable=False),
        sa.Column("probe_ns", sa.BigInteger),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"]),
    )
    op.create_index("ix_processes_recording_id", "processes", ["recording_id"])


def _make_modules() -> None:
    op.create_table(
        "files",
        sa.Column("hash", _HASH, nullable=False),
        sa.Column("codec", _WORD, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "modules",
        sa.Column("process_id", _PROCESS, nullable=False),
        sa.Column("base", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("file_hash", _HASH, nullable=False),
        sa.Column("codec", _WORD, nullable=False),
        sa.Column("functions", sa.LargeBinary, nullable=False),
        sa.Column("sites", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "base"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"]),
        sa.ForeignKeyConstraint(["file_hash"], ["files.hash"]),
    )
    op.create_index("ix_modules_file_hash", "modules", ["file_hash"])


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("recording_id", _ID, nullable=False),
        sa.Column("process_id", _PROCESS, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("trigger", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.Column("start_ns", sa.BigInteger, nullable=False),
        sa.Column("origin_ns", sa.BigInteger, nullable=False),
        sa.Column("duration_ns", sa.BigInteger),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("first_event", sa.BigInteger, nullable=False),
        sa.Column("dropped", sa.BigInteger, nullable=False),
        sa.Column("redacted", sa.BigInteger, nullable=False),
        sa.Column("module", sa.Text),
        sa.Column("function", sa.Text),
        sa.Column("thread", sa.BigInteger),
        sa.Column("thread_name", sa.Text),
        sa.Column("task", sa.Text),
        sa.Column("parent_id", _ID),
        sa.Column("error_type", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("error_event", sa.BigInteger),
        sa.Column("tags", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"]),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"]),
    )
    op.create_index("ix_sessions_newest", "sessions", ["start_ns", "id"])
    for name in ("recording_id", "process_id", "status", "parent_id"):
        op.create_index(f"ix_sessions_{name}", "sessions", [name])


def _make_session_functions() -> None:
    op.create_table(
        "session_functions",
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("module", sa.Text, nullable=False),
        sa.Column("function", sa.Text, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "module", "function"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
    )


def _make_chunks() -> None:
    op.create_table(
        "chunks",
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("first", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("start_ns", sa.BigInteger, nullable=False),
        sa.Column("end_ns", sa.BigInteger, nullable=False),
        sa.Column("codec", _WORD, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("keyframe", sa.LargeBinary, nullable=False),
        sa.Column("sites", sa.LargeBinary, nullable=False),
        sa.Column("kinds", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "first"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
    )
