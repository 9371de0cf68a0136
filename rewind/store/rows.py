"""What rests in the database, as values: what the writer hands over and readers get back.

Stands between SQL and everybody else, so that no row of SQLAlchemy's leaves the store. Blobs are
here as they were before compression. Times called `wall` or `started` are nanoseconds since 1970,
others nanoseconds since their session's start, unless said otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rewind.model.sites import Function, Site

RUNNING: Final = "running"
COMPLETED: Final = "completed"
ERROR: Final = "error"
CRASHED: Final = "crashed"
FAILED: Final = (ERROR, CRASHED)
STATUSES: Final = (RUNNING, COMPLETED, ERROR, CRASHED)
"""Every status of a session."""

ENDED: Final = "ended"
DIED: Final = "died"
"""Statuses of a process beside `RUNNING`: it said goodbye, it did not."""


class Recording(NamedTuple):
    """One process tree under Rewind."""

    id: str
    name: str | None
    argv: Sequence[str]
    cwd: str
    python: str
    implementation: str
    platform: str
    host: str
    service: str | None
    git_commit: str | None
    settings: Mapping[str, object]
    started_ns: int
    tags: Mapping[str, object]


class Process(NamedTuple):
    """One process of a recording."""

    id: str
    """`<recording>-<pid>-<start>`, as its segments are called."""
    recording_id: str
    pid: int
    start_ticks: int
    """Clock ticks since boot; with `pid` it tells a process from a later one of that number."""
    status: str = RUNNING
    """`RUNNING`, `ENDED` or `DIED`."""
    ppid: int | None = None
    argv: Sequence[str] = ()
    executable: str | None = None
    python: str | None = None
    core: str | None = None
    started_ns: int | None = None
    ended_ns: int | None = None
    """When it said goodbye; None if it did not."""
    events: int = 0
    dropped: int = 0
    """Events that belonged to no session any more when they were lost."""
    probe_ns: int | None = None
    """What all its probes cost, as it estimates."""


class File(NamedTuple):
    """One source text, as it was when a module was loaded from it."""

    hash: str
    """SHA-256 of `source`, hexadecimal."""
    source: bytes


class Module(NamedTuple):
    """A module loaded in a process; its sites are `base`, `base + 1`, ..."""

    process_id: str
    base: int
    name: str
    path: str
    file_hash: str
    functions: tuple[Function, ...]
    sites: tuple[Site, ...]


class Session(NamedTuple):
    """One top-level piece of work."""

    id: str
    recording_id: str
    process_id: str
    key: int
    """Its number within its process."""
    trigger: str
    kind: str
    status: str
    start_ns: int
    """Wall clock."""
    origin_ns: int
    """The process's monotonic clock at the same instant."""
    duration_ns: int | None = None
    """None while it runs."""
    events: int = 0
    """The number of its last event."""
    first_event: int = 1
    """The lowest event number still kept."""
    dropped: int = 0
    redacted: int = 0
    module: str | None = None
    function: str | None = None
    thread: int | None = None
    thread_name: str | None = None
    task: str | None = None
    parent_id: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    error_event: int | None = None
    tags: Mapping[str, object] = {}
    pinned: bool = False
    """Whether it stays whatever the bounds say; a writer does not change it."""
    trace_id: str | None = None
    """The trace that it is part of: W3C, 32 hexadecimal digits."""
    parent_span: str | None = None
    """What began it in that trace: a span, or the session whose id ends so."""
    pid: int = 0
    """Of its process; this and what follows is known when read, and not looked at when written."""
    host: str = ""
    service: str | None = None
    name: str | None = None
    """Of its recording."""
    children: int = 0
    """How many sessions have it as their parent."""
    asked_by: str | None = None
    """The session of another service that began it, where both are here."""


class Outline(NamedTuple):
    """What a chunk is about, without its events."""

    session_id: str
    first: int
    last: int
    start_ns: int
    end_ns: int
    size: int
    """Bytes it takes in the database."""
    sites: Mapping[int, int]
    """How often each site occurs."""
    kinds: Mapping[str, int]
    """How often each kind of event occurs."""


class Chunk(NamedTuple):
    """Consecutive events of a session, `first` to `last`; `docs/format.md`, part 4."""

    session_id: str
    first: int
    last: int
    start_ns: int
    end_ns: int
    data: bytes
    """Records, one after the other."""
    keyframe: bytes
    """The state before event `first`, one msgpack map."""
    sites: Mapping[int, int]
    kinds: Mapping[str, int]
    growing: bool = False
    """Whether it is the last one of a session that runs: then a later one may take its place."""


class FunctionCalls(NamedTuple):
    """How often a session called a function."""

    session_id: str
    module: str
    function: str
    calls: int


class Report(NamedTuple):
    """Something a person should know about a recording."""

    process_id: str
    number: int
    """From 0 within its process."""
    what: str
    name: str
    why: str
    line: int | None = None


class StreamPosition(NamedTuple):
    """How far a stream of a running process has been stored: all before it is, nothing after it."""

    process_id: str
    stream: int
    sequence: int
    """Of the segment."""
    offset: int
    """Of the first byte not stored, within the segment's file."""
    clock_ns: int
    """Monotonic clock of the last stored record with a time."""
    session_key: int | None
    """The session current there."""


class Status(NamedTuple):
    """Figures of the whole database."""

    sessions: int
    bytes: int
    recording: int
    """Processes that record now."""


class Totals(NamedTuple):
    """Sums over what is kept of one process."""

    sessions: int
    events: int
    dropped: int
    redacted: int
    bytes: int
    """Of its chunks, compressed."""
