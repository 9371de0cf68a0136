"""Runs writers on spools, and reads what they stored. Test support only."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack

from rewind.errors import StoreError
from rewind.store import (
    Session,
    SessionFilter,
    Store,
    open_store,
    read_chunks,
    read_sessions,
)
from rewind.writer import WriterSettings
from tests.spooled import timed


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def settings(database: str, **chosen: object) -> WriterSettings:
    return WriterSettings(database, linger=0.0, poll_interval=0.005, **chosen)  # type: ignore[arg-type]


@contextmanager
def writing(folder: Path, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """A writer process on a folder."""
    command = [sys.executable, "-W", "error", "-m", "rewind.writer", str(folder)]
    with subprocess.Popen(command, env=os.environ | {"REWIND_DATABASE": database}) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def living() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until it is killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def opened(database: str) -> Iterator[Store]:
    store = open_store(database, upgrade=False)
    try:
        yield store
    finally:
        store.close()


def sessions(database: str) -> list[Session]:
    with opened(database) as store:
        return read_sessions(store, SessionFilter())


def events(database: str, session_id: str) -> list[list[Any]]:
    with opened(database) as store:
        return events_in(store, session_id)


def events_in(store: Store, session_id: str) -> list[list[Any]]:
    """All records of a session, and a check that its chunks join."""
    found: list[list[Any]] = []
    expected = 1
    for chunk in read_chunks(store, session_id):
        assert chunk.first == expected
        expected = chunk.last + 1
        unpacker = msgpack.Unpacker()
        unpacker.feed(chunk.data)
        found += timed(unpacker)
        assert sum(chunk.sites.values()) == sum(chunk.kinds.values()) == expected - chunk.first
    assert sum(record[0] >= 0 for record in found) == expected - 1
    return found


def events_of(database: str, session_id: str) -> int:
    """How many events a session has; 0 as long as it, or the database, is not there."""
    try:
        return next((row.events for row in sessions(database) if row.id == session_id), 0)
    except StoreError:
        return 0
