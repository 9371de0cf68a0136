"""The database: the only part of Rewind that speaks SQL.

Opening
    `open_store(url, upgrade=...) -> Store`; `Store.url` (no password), `Store.close()`,
    `Store.damage`; `writable(url)` refuses what is only read

Reading (each takes the store first; answers are frozen values of `rewind.store.rows`)
    `read_sessions(store, SessionFilter(...), limit=, offset=)`, `count_sessions(store, filter)`
    `read_session(store, name)`: an id, a unique beginning of one, or `last`
    `read_chunk(store, session_id, n)`, `read_chunks(store, session_id, first, last)`,
    `read_outlines(...)` (chunks without their events), `read_last_chunk(store, session_id)`,
    `read_keyframes(store, session_id, firsts)` (by the chunks' first events),
    `read_bounds(store, session_id)` (their numbers alone)
    `read_modules(store, process_id)`, `read_source(store, file_hash)`,
    `read_module_files(store, recording_id)` (names and paths alone)
    `read_recording(store, id)`, `read_processes(store, recording_id)`,
    `read_process(store, id)`, `read_reports(store, recording_id)`, `read_status(store)`
    `Watch(store).token()`: a number that changes when anything was committed

Writing (for `rewind.writer` alone)
    `append(store, batch, codec)`, `read_positions`, `read_function_calls`, `read_totals`

Keeping (for the writer, and for a person who asks)
    `retain(store, Bounds(...))`, `doomed(store, Bounds(...))`, `remove(store, ids)`,
    `may_remove(store)`, `pin(store, ids, pinned=)`; in modules of their own, which few need:
    `exporting.export`, `statistics.read_statistics`, `vacuuming.vacuum`
"""

from rewind.store.appending import Batch, append
from rewind.store.codec import CODECS
from rewind.store.failures import UnreachableDatabaseError
from rewind.store.opening import Store, open_store, writable
from rewind.store.pinning import pin
from rewind.store.reading import (
    read_bounds,
    read_chunk,
    read_chunks,
    read_keyframes,
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
from rewind.store.removal import remove
from rewind.store.resuming import read_function_calls, read_positions, read_totals
from rewind.store.retention import Bounds, Doomed, doomed, may_remove, retain
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
    "Bounds",
    "Chunk",
    "Doomed",
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
    "doomed",
    "may_remove",
    "open_store",
    "pin",
    "read_bounds",
    "read_chunk",
    "read_chunks",
    "read_function_calls",
    "read_keyframes",
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
    "remove",
    "retain",
    "writable",
]
