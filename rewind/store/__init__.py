"""The database: the only part of Rewind that speaks SQL.

Opening
    `open_store(url, upgrade=...) -> Store`; `Store.url` (no password), `Store.close()`

Reading (each takes the store first; answers are frozen values of `rewind.store.rows`)
    `read_sessions(store, SessionFilter(...), limit=, offset=)`, `count_sessions(store, filter)`
    `read_session(store, name)`: an id, a unique beginning of one, or `last`
    `read_chunk(store, session_id, n)`, `read_chunks(store, session_id, first, last)`,
    `read_outlines(...)` (chunks without their events), `read_last_chunk(store, session_id)`
    `read_modules(store, process_id)`, `read_source(store, file_hash)`,
    `read_module_files(store, recording_id)` (names and paths alone)
    `read_recording(store, id)`, `read_processes(store, recording_id)`,
    `read_process(store, id)`, `read_reports(store, recording_id)`, `read_status(store)`
    `Watch(store).token()`: a number that changes when anything was committed

Writing (for `rewind.writer` alone)
    `append(store, batch, codec)`, `retain(store, max_sessions)`, `read_positions`,
    `read_function_calls`, `read_totals`
"""

from rewind.store.appending import Batch, append
from rewind.store.codec import CODECS
from rewind.store.opening import Store, UnreachableDatabaseError, open_store
from rewind.store.reading import (
    read_chunk,
    read_chunks,
    read_last_chunk,
    read_module_files,
    read_modules,
    read_outlines,
    read_process,
    read_processes,
    read_recording,
    read_reports,
    read_source,
    read_status,
)
from rewind.store.resuming import read_function_calls, read_positions, read_totals
from rewind.store.retention import retain
from rewind.store.rows import (
    Chunk,
    File,
    FunctionCalls,
    Module,
    Outline,
    Process,
    Recording,
    Report,
    Session,
    Status,
    StreamPosition,
    Totals,
)
from rewind.store.sessions import SessionFilter, count_sessions, read_session, read_sessions
from rewind.store.watch import Watch

__all__ = [
    "CODECS",
    "Batch",
    "Chunk",
    "File",
    "FunctionCalls",
    "Module",
    "Outline",
    "Process",
    "Recording",
    "Report",
    "Session",
    "SessionFilter",
    "Status",
    "Store",
    "StreamPosition",
    "Totals",
    "UnreachableDatabaseError",
    "Watch",
    "append",
    "count_sessions",
    "open_store",
    "read_chunk",
    "read_chunks",
    "read_function_calls",
    "read_last_chunk",
    "read_module_files",
    "read_modules",
    "read_outlines",
    "read_positions",
    "read_process",
    "read_processes",
    "read_recording",
    "read_reports",
    "read_session",
    "read_sessions",
    "read_source",
    "read_status",
    "read_totals",
    "retain",
]
