"""Making a new SQLite database as the migrations would: they take longer than a short recording.

What they come to is written down here; a test holds that it is the same.
"""

from typing import Final

from sqlalchemy import Engine

from rewind.sqlite_file import APPLICATION_ID, HEAD, VERSION_TABLE
from rewind.store.inspection import in_database

_TABLES: Final = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE recordings (
    id VARCHAR(32) NOT NULL, name TEXT, argv TEXT NOT NULL, cwd TEXT NOT NULL,
    python TEXT NOT NULL, implementation TEXT NOT NULL, platform TEXT NOT NULL,
    host TEXT NOT NULL, service TEXT, git_commit TEXT, settings TEXT NOT NULL,
    started_ns BIGINT NOT NULL, tags TEXT NOT NULL, PRIMARY KEY (id)
);
CREATE TABLE processes (
    id VARCHAR(80) NOT NULL, recording_id VARCHAR(32) NOT NULL, pid BIGINT NOT NULL,
    start_ticks BIGINT NOT NULL, status VARCHAR(32) NOT NULL, ppid BIGINT,
    argv TEXT NOT NULL, executable TEXT, python TEXT, core TEXT, started_ns BIGINT,
    ended_ns BIGINT, events BIGINT NOT NULL, dropped BIGINT NOT NULL, probe_ns BIGINT,
    PRIMARY KEY (id), FOREIGN KEY(recording_id) REFERENCES recordings (id)
);
CREATE INDEX ix_processes_recording_id ON processes (recording_id);
CREATE TABLE files (
    hash VARCHAR(64) NOT NULL, codec VARCHAR(32) NOT NULL, source BLOB NOT NULL,
    size BIGINT NOT NULL, PRIMARY KEY (hash)
);
CREATE TABLE sessions (
    id VARCHAR(32) NOT NULL, recording_id VARCHAR(32) NOT NULL,
    process_id VARCHAR(80) NOT NULL, "key" BIGINT NOT NULL, "trigger" TEXT NOT NULL,
    kind TEXT NOT NULL, status VARCHAR(32) NOT NULL, start_ns BIGINT NOT NULL,
    origin_ns BIGINT NOT NULL, duration_ns BIGINT, events BIGINT NOT NULL,
    first_event BIGINT NOT NULL, dropped BIGINT NOT NULL, redacted BIGINT NOT NULL,
    module TEXT, function TEXT, thread BIGINT, thread_name TEXT, task TEXT,
    parent_id VARCHAR(32), error_type TEXT, error_message TEXT, error_event BIGINT,
    tags TEXT NOT NULL, pinned BOOLEAN DEFAULT 0 NOT NULL, trace_id VARCHAR(32),
    parent_span VARCHAR(16), PRIMARY KEY (id),
    FOREIGN KEY(recording_id) REFERENCES recordings (id),
    FOREIGN KEY(process_id) REFERENCES processes (id)
);
CREATE INDEX ix_sessions_newest ON sessions (start_ns, id);
CREATE INDEX ix_sessions_recording_id ON sessions (recording_id);
CREATE INDEX ix_sessions_process_id ON sessions (process_id);
CREATE INDEX ix_sessions_status ON sessions (status);
CREATE TABLE chunks (
    session_id VARCHAR(32) NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
    start_ns BIGINT NOT NULL, end_ns BIGINT NOT NULL, codec VARCHAR(32) NOT NULL,
    data BLOB NOT NULL, keyframe BLOB NOT NULL, sites BLOB NOT NULL, kinds BLOB NOT NULL,
    size INTEGER NOT NULL, PRIMARY KEY (session_id, first),
    FOREIGN KEY(session_id) REFERENCES sessions (id)
);
CREATE TABLE reports (
    process_id VARCHAR(80) NOT NULL, number INTEGER NOT NULL, what TEXT NOT NULL,
    name TEXT NOT NULL, why TEXT NOT NULL, line BIGINT, PRIMARY KEY (process_id, number),
    FOREIGN KEY(process_id) REFERENCES processes (id)
);
CREATE TABLE streams (
    process_id VARCHAR(80) NOT NULL, stream BIGINT NOT NULL, sequence BIGINT NOT NULL,
    "offset" BIGINT NOT NULL, clock_ns BIGINT NOT NULL, session_key BIGINT,
    PRIMARY KEY (process_id, stream), FOREIGN KEY(process_id) REFERENCES processes (id)
);
CREATE TABLE modules (
    process_id VARCHAR(80) NOT NULL, base BIGINT NOT NULL, name TEXT NOT NULL,
    path TEXT NOT NULL, file_hash VARCHAR(64) NOT NULL, codec VARCHAR(32) NOT NULL,
    functions BLOB NOT NULL, sites BLOB NOT NULL, PRIMARY KEY (process_id, base, name),
    FOREIGN KEY(process_id) REFERENCES processes (id),
    FOREIGN KEY(file_hash) REFERENCES files (hash)
);
CREATE INDEX ix_modules_file_hash ON modules (file_hash);
CREATE INDEX ix_chunks_size ON chunks (session_id, size);
CREATE TABLE open_chunks (
    session_id VARCHAR(32) NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
    start_ns BIGINT NOT NULL, end_ns BIGINT NOT NULL, codec VARCHAR(32) NOT NULL,
    data BLOB NOT NULL, keyframe BLOB NOT NULL, sites BLOB NOT NULL, kinds BLOB NOT NULL,
    size INTEGER NOT NULL, PRIMARY KEY (session_id),
    FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE TABLE session_functions (
    session_id VARCHAR(32) NOT NULL, module TEXT NOT NULL, function TEXT NOT NULL,
    calls BIGINT NOT NULL, PRIMARY KEY (session_id, module, function),
    FOREIGN KEY(session_id) REFERENCES sessions (id)
) WITHOUT ROWID;
CREATE INDEX ix_chunks_outline ON chunks (
    session_id, first, last, start_ns, end_ns, codec, sites, kinds, size
);
CREATE INDEX ix_session_functions_name ON session_functions (module, function, session_id);
CREATE INDEX ix_sessions_parent ON sessions (parent_id, start_ns, id);
CREATE INDEX ix_sessions_trace ON sessions (trace_id, parent_span);
"""


def make_tables(engine: Engine) -> bool:
    """Make all tables in one transaction; false where another process has made some meanwhile."""
    connection = engine.connect().execution_options(begin="BEGIN EXCLUSIVE")
    with connection, connection.begin():
        if not in_database(connection).empty:
            return False
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        for statement in _TABLES.split(";")[:-1]:
            connection.exec_driver_sql(statement)
        version = f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')"  # noqa: S608 - our own words
        connection.exec_driver_sql(version)
    use_log(engine)
    return True


def use_log(engine: Engine) -> None:
    """Let the file have a write-ahead log."""
    # The journal's kind is part of the file and cannot be changed within a transaction.
    with engine.connect().execution_options(begin=None) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
