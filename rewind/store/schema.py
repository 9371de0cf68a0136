"""The tables, each column described; `docs/format.md`, part 4, says what they are for.

The same on SQLite and Postgres: `migrations/` makes them, and a test holds that both agree. What
the descriptions call ns is nanoseconds; wall clocks count from 1970, in UTC.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
    select,
    true,
    union_all,
)
from sqlalchemy.types import TypeEngine

from rewind.store.columns import AnyText, Json

metadata = MetaData()

_Type = TypeEngine[Any] | type[TypeEngine[Any]]


def _column(
    name: str,
    kind: _Type,
    doc: str,
    *keys: ForeignKey,
    index: bool = False,
) -> Column[Any]:
    return Column(name, kind, *keys, doc=doc, nullable=False, index=index)


FIRST_WORD = "first_word"
"""In the `info` of a column: a row that is stored again leaves it as it is."""


def _optional(name: str, kind: _Type, doc: str) -> Column[Any]:
    return Column(name, kind, doc=doc)


def _flag(name: str, doc: str) -> Column[Any]:
    facts = {FIRST_WORD: True}
    return Column(name, Boolean, doc=doc, nullable=False, server_default=false(), info=facts)


def _key(name: str, kind: _Type, doc: str, *keys: ForeignKey) -> Column[Any]:
    return Column(name, kind, *keys, doc=doc, primary_key=True, autoincrement=False)


_ID = String(32)
_PLAINLY_SORTED_ID = String(32).with_variant(String(32, collation="C"), "postgresql")
_HASH = String(64)
_WORD = String(32)
"""A value out of a short list: a status, a codec."""
_PROCESS = String(80)

recordings = Table(
    "recordings",
    metadata,
    _key("id", _ID, "UUIDv7, hexadecimal"),
    _optional("name", AnyText, "what its maker called it"),
    _column("argv", Json, "command line, an array"),
    _column("cwd", AnyText, "current folder at its start"),
    _column("python", AnyText, "version"),
    _column("implementation", AnyText, "of Python: cpython, pypy"),
    _column("platform", AnyText, "operating system and machine"),
    _column("host", AnyText, "the machine's name"),
    _optional("service", AnyText, "the service's name"),
    _optional("git_commit", AnyText, "of the current folder"),
    _column("settings", Json, "the settings in force, an object"),
    _column("started_ns", BigInteger, "wall clock"),
    _column("tags", Json, "an object"),
)

processes = Table(
    "processes",
    metadata,
    _key("id", _PROCESS, "<recording>-<pid>-<start>"),
    _column("recording_id", _ID, "its recording", ForeignKey("recordings.id"), index=True),
    _column("pid", BigInteger, "process id"),
    _column("start_ticks", BigInteger, "when it started, clock ticks since boot; 0: unknown"),
    _column("status", _WORD, "running, ended (it said goodbye) or died"),
    _optional("ppid", BigInteger, "its parent's process id"),
    _column("argv", Json, "command line, an array"),
    _optional("executable", AnyText, "its interpreter"),
    _optional("python", AnyText, "version"),
    _optional("core", AnyText, "the capture core: native or python"),
    _optional("started_ns", BigInteger, "wall clock"),
    _optional("ended_ns", BigInteger, "wall clock of its goodbye"),
    _column("events", BigInteger, "stored"),
    _column("dropped", BigInteger, "lost outside of any session"),
    _optional("probe_ns", BigInteger, "estimated cost of all probes, ns"),
)

files = Table(
    "files",
    metadata,
    _key("hash", _HASH, "SHA-256 of the source, hexadecimal"),
    _column("codec", _WORD, "compression of source"),
    _column("source", LargeBinary, "the text's bytes as read, compressed"),
    _column("size", BigInteger, "bytes of source before compression"),
)

modules = Table(
    "modules",
    metadata,
    _key("process_id", _PROCESS, "the process that loaded it", ForeignKey("processes.id")),
    _key("base", BigInteger, "number of its first site; without any, of the next module's"),
    _key("name", AnyText, "dotted"),
    _column("path", AnyText, "of its file"),
    _column("file_hash", _HASH, "its source", ForeignKey("files.hash"), index=True),
    _column("codec", _WORD, "compression of functions and sites"),
    _column("functions", LargeBinary, "array of rewind.model.sites.Function, compressed"),
    _column("sites", LargeBinary, "array of rewind.model.sites.Site, compressed"),
)

sessions = Table(
    "sessions",
    metadata,
    _key("id", _ID, "UUIDv7, hexadecimal"),
    _column("recording_id", _ID, "its recording", ForeignKey("recordings.id"), index=True),
    _column("process_id", _PROCESS, "where it ran", ForeignKey("processes.id"), index=True),
    _column("key", BigInteger, "its number within its process"),
    _column("trigger", AnyText, "what began it"),
    _column("kind", AnyText, "script, thread, task, ..."),
    _column("status", _WORD, "running, completed, error or crashed", index=True),
    _column("start_ns", BigInteger, "wall clock"),
    _column("origin_ns", BigInteger, "the process's monotonic clock at the same instant"),
    _optional("duration_ns", BigInteger, "null while it runs"),
    _column("events", BigInteger, "number of its last event"),
    _column("first_event", BigInteger, "lowest event number still kept"),
    _column("dropped", BigInteger, "events not recorded"),
    _column("redacted", BigInteger, "values withheld"),
    _optional("module", AnyText, "of its first call, dotted"),
    _optional("function", AnyText, "of its first call, qualified"),
    _optional("thread", BigInteger, "threading.get_ident()"),
    _optional("thread_name", AnyText, "the thread's name"),
    _optional("task", AnyText, "the asyncio task's name"),
    _optional("parent_id", _ID, "the session it was started from; it may be gone"),
    _optional("error_type", AnyText, "qualified name of the exception's class, or crashed"),
    _optional("error_message", AnyText, "for a person"),
    _optional("error_event", BigInteger, "number of the event at which it was first seen"),
    _column("tags", Json, "an object"),
    _flag("pinned", "whether it stays whatever the bounds say"),
    _optional("trace_id", String(32), "the trace that it is part of (W3C)"),
    _optional(
        "parent_span", String(16), "what began it in that: the end of a session's id, or a span"
    ),
    Index("ix_sessions_newest", "start_ns", "id"),
    Index("ix_sessions_parent", "parent_id", "start_ns", "id"),
    Index("ix_sessions_trace", "trace_id", "parent_span"),
)

session_functions = Table(
    "session_functions",
    metadata,
    _key("session_id", _ID, "the session", ForeignKey("sessions.id")),
    _key("module", AnyText, "dotted name"),
    _key("function", AnyText, "qualified name"),
    _column("calls", BigInteger, "how often the session called it"),
    # By it, sessions are found by the functions they called: of those there are few.
    Index("ix_session_functions_name", "module", "function", "session_id"),
    # The key is all of a row but a number: a table beside its index would hold it twice.
    sqlite_with_rowid=False,
)


def _chunk_columns() -> list[Column[Any]]:
    return [
        _column("last", BigInteger, "number of its last event"),
        _column("start_ns", BigInteger, "of its first event, since the session's start"),
        _column("end_ns", BigInteger, "of its last event, since the session's start"),
        _column("codec", _WORD, "compression of the four blobs: zstd, zlib or none"),
        _column("data", LargeBinary, "the events"),
        _column("keyframe", LargeBinary, "the state before the first event"),
        _column("sites", LargeBinary, "how often each site occurs"),
        _column("kinds", LargeBinary, "how often each kind occurs"),
        _column("size", Integer, "bytes of the four blobs, compressed"),
    ]


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
"""What `rewind.store.reading.read_outlines` asks of a chunk."""

chunks = Table(
    "chunks",
    metadata,
    # Ids begin with their time: on Postgres they say in which day's partition a chunk rests.
    _key("session_id", _PLAINLY_SORTED_ID, "the session", ForeignKey("sessions.id")),
    _key("first", BigInteger, "number of its first event"),
    *_chunk_columns(),
    # SQLite keeps a row in one piece: without these, what chunks are about, and how large they are,
    # is read by way of all that is in them. Postgres keeps large values apart by itself.
    Index("ix_chunks_outline", *_OUTLINE).ddl_if(dialect="sqlite"),
    Index("ix_chunks_size", "session_id", "size").ddl_if(dialect="sqlite"),
)
"""Full ones, and the last one of a session that is over: these are never changed.

On Postgres it is partitioned by the range of session ids. To say so here would import that dialect
into every process, asyncio with it, and nothing asks.
"""

open_chunks = Table(
    "open_chunks",
    metadata,
    _key("session_id", _ID, "the session", ForeignKey("sessions.id", ondelete="CASCADE")),
    _column("first", BigInteger, "number of its first event"),
    *_chunk_columns(),
)
"""The last one of each session that runs, which grows with every flush."""

kept_chunks = union_all(
    select(*chunks.c, false().label("growing")),
    select(*open_chunks.c, true().label("growing")),
).subquery("kept_chunks")
"""Both, for those who read."""

reports = Table(
    "reports",
    metadata,
    _key("process_id", _PROCESS, "whose report it is", ForeignKey("processes.id")),
    _key("number", Integer, "from 0 within the process"),
    _column("what", AnyText, "module-failed, module-skipped, construct-skipped, ..."),
    _column("name", AnyText, "of the module or probe"),
    _column("why", AnyText, "for a person"),
    _optional("line", BigInteger, "in the module's file"),
)

streams = Table(
    "streams",
    metadata,
    _key("process_id", _PROCESS, "the process that writes it", ForeignKey("processes.id")),
    _key("stream", BigInteger, "0: facts; 1, 2, ...: threads"),
    _column("sequence", BigInteger, "the segment up to which it is stored"),
    _column("offset", BigInteger, "of the first byte not stored, in that segment's file"),
    _column("clock_ns", BigInteger, "monotonic clock of the last stored record with a time"),
    _optional("session_key", BigInteger, "the session current there"),
)
