"""Rows as a writer would hand them over, for tests of what reads and keeps them."""

from dataclasses import replace
from typing import Any

from rewind.model.identity import new_id
from rewind.model.sites import PLAIN, Function, Site
from rewind.store import (
    Batch,
    Chunk,
    File,
    FunctionCalls,
    Module,
    Process,
    Recording,
    Report,
    Session,
    Store,
    StreamPosition,
    append,
)

SOURCE = b"def pay(order):\n    return order\n"
HASH = "ab" * 32


def recording(**facts: Any) -> Recording:
    """Return a recording."""
    plain = Recording(
        id=new_id(),
        name="nightly",
        argv=["shop.py"],
        cwd="/srv/shop",
        python="3.11.7",
        implementation="cpython",
        platform="Linux-x86_64",
        host="box",
        service="shop",
        git_commit=None,
        settings={"overflow": "oldest"},
        started_ns=1_000,
        tags={"team": "till"},
    )
    return plain._replace(**facts)


def process(of: Recording, pid: int = 41, **facts: Any) -> Process:
    """Return a process of a recording."""
    row = Process(f"{of.id}-{pid}-7", of.id, pid, 7, argv=["shop.py"], started_ns=2_000)
    return row._replace(**facts)


def module(of: Process, **facts: Any) -> Module:
    """Return a module with one function and two sites."""
    functions = (Function("pay", 1, PLAIN, ("order",)),)
    sites = (
        Site("call", 0, 1, 0, 1, 15),
        Site("return", 0, 2, 4, 2, 16, name=None, detail=None),
    )
    return Module(of.id, 0, "shop", "/srv/shop/shop.py", HASH, functions, sites)._replace(**facts)


def session(of: Process, start_ns: int = 5_000, **facts: Any) -> Session:
    """Return a session that ran to its end."""
    row = Session(
        id=new_id(),
        recording_id=of.recording_id,
        process_id=of.id,
        key=1,
        trigger="shop.py",
        kind="script",
        status="completed",
        start_ns=start_ns,
        origin_ns=10,
        duration_ns=90,
        events=2,
        module="shop",
        function="pay",
        thread=140_000_000_000_000,
        thread_name="MainThread",
    )
    return row._replace(**facts)


def chunk(of: Session, first: int = 1, last: int = 2) -> Chunk:
    """Return a chunk whose events are not worth reading."""
    data = bytes(range(256)) * 4
    sites = {0: 1, 1: last - first}
    kinds = {"call": 1, "return": last - first}
    return Chunk(of.id, first, last, first * 10, last * 10, data, b"\x80", sites, kinds)


def batch(sessions: int = 1, **facts: Any) -> Batch:
    """Return a recording of one process with so many sessions, the oldest first."""
    owner = recording(**facts)
    runner = process(owner)
    rows = [session(runner, start_ns=5_000 + n, key=n + 1) for n in range(sessions)]
    return Batch(
        recordings=[owner],
        processes=[runner],
        files=[File(HASH, SOURCE)],
        modules=[module(runner)],
        sessions=rows,
        functions=[FunctionCalls(row.id, "shop", "pay", 1) for row in rows],
        chunks=[chunk(row) for row in rows],
        reports=[Report(runner.id, 0, "module-skipped", "gone", "no source", None)],
        positions=[StreamPosition(runner.id, 1, 0, 128, 10, None)],
    )


def put(store: Store, rows: Batch) -> Batch:
    """Store a batch and return it."""
    append(store, rows, "zstd")
    return rows


def ended(rows: Batch) -> Batch:
    """Return the batch with its processes over."""
    return replace(rows, processes=[row._replace(status="ended") for row in rows.processes])
