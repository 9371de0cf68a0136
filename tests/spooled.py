"""Builds recordings' folders as a recorded process leaves them, without the capture core.

Segments are written by `rewind.spool.stream`, records by `rewind.model.wire`: a writer or reader
under test meets the bytes it meets in life. `Spooled` is the folder, `SpooledProcess` one process
in it, `SpooledThread` one thread. `tests/shop.py` fills one with a small program's run.

Test support only; it checks nothing by itself.
"""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import Any

from rewind.model.events import Control
from rewind.model.identity import new_id
from rewind.model.sites import SiteTable, packed_sites
from rewind.model.values import Tag
from rewind.model.wire import append, array_header, pack
from rewind.spool.process import start_ticks
from rewind.spool.stream import Folder, Stream

SEGMENT_SIZE = 1 << 16
SPOOL_BOUND = 1 << 28


class Raw(bytes):
    """A value that is msgpack already."""


def record(*elements: object) -> bytes:
    """Return one record; `Raw` elements go in as they are."""
    out = bytearray(array_header(len(elements)))
    for element in elements:
        if type(element) is Raw:
            out += element
        else:
            append(out, int(element) if isinstance(element, (Control, Tag)) else element)
    return bytes(out)


def timed(records: Iterable[list[Any]]) -> list[list[Any]]:
    """Return a chunk's records without its clocks, each time since the session's start."""
    clock, found = 0, []
    for one in records:
        if one[0] == Control.CLOCK:
            clock = one[1]
            continue
        if one[0] >= 0:
            clock = one[1] = clock + one[1]
        found.append(one)
    return found


@cache
def dead_process(which: int = 0) -> int:  # noqa: ARG001 - another one for another number
    """Return the number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


class Spooled:
    """The folder of one recording, with its `recording.json`."""

    def __init__(
        self,
        spool: Path,
        *,
        settings: Mapping[str, object] | None = None,
        launcher: int | None = None,
        segment_size: int = SEGMENT_SIZE,
        **facts: object,
    ) -> None:
        self.id = new_id()
        self.path = spool / self.id
        self.path.mkdir(parents=True)
        self.segment_size = segment_size
        self.launcher = os.getpid() if launcher is None else launcher
        self.facts = self._facts(dict(settings or {})) | facts
        (self.path / "recording.json").write_text(json.dumps(self.facts), encoding="utf-8")

    def _facts(self, settings: dict[str, object]) -> dict[str, object]:
        return {
            "id": self.id,
            "name": None,
            "argv": ["shop.py", "--fast"],
            "cwd": "/srv/shop",
            "python": "3.11.7",
            "implementation": "cpython",
            "platform": "Linux-x86_64",
            "host": "box",
            "service": None,
            "git_commit": "8d1f0c2",
            "settings": settings,
            "started_ns": time_ns(),
            "launcher": {"pid": self.launcher, "start_ticks": start_ticks(self.launcher)},
            "tags": {},
        }

    def process(self, pid: int | None = None) -> "SpooledProcess":
        """Return a process of the recording: its launcher, or the one with that number."""
        return SpooledProcess(self, self.launcher if pid is None else pid)


class SpooledProcess:
    """One process: its own stream, its modules, its threads."""

    def __init__(self, spooled: Spooled, pid: int) -> None:
        self.pid = pid
        self.start_ticks = start_ticks(pid)
        self.folder = Folder(spooled.path, self.start_ticks, spooled.segment_size, SPOOL_BOUND)
        self.folder.pid = pid
        self.key = f"{pid}-{self.start_ticks}"
        self.done = spooled.path / f"{self.key}.done"
        self.events = 0
        self._own = Stream(self.folder, 0)
        self._streams = 0
        self._sessions = 0
        self._next_site = 0
        self._tell(
            Control.PROCESS,
            {
                "pid": pid,
                "ppid": os.getppid(),
                "argv": ["shop.py", "--fast"],
                "executable": sys.executable,
                "python": "3.11.7",
                "core": "python",
                "monotonic_ns": 1,
                "wall_ns": time_ns(),
            },
        )

    def _tell(self, control: Control, facts: Mapping[str, object]) -> None:
        put(self._own, record(control, dict(facts)))

    def module(self, name: str, path: str, source: str, table: SiteTable) -> int:
        """Announce a module; returns its base, the number of its first site."""
        base = self._next_site
        self._next_site += len(table.sites)
        raw = source.encode()
        self._tell(
            Control.MODULE,
            {
                "name": name,
                "path": path,
                "hash": sha256(raw).hexdigest(),
                "packed": zlib.compress(
                    pack(
                        {
                            "source": raw,
                            "functions": [tuple(function) for function in table.functions],
                            "sites": tuple(packed_sites(table.sites)),
                        }
                    )
                ),
                "base": base,
            },
        )
        return base

    def report(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Publish a report."""
        self._tell(Control.REPORT, {"what": what, "name": name, "why": why, "line": line})

    def thread(self) -> "SpooledThread":
        """Return a new thread's stream."""
        self._streams += 1
        return SpooledThread(self, Stream(self.folder, self._streams))

    def new_session(self) -> int:
        """Return a session key that was not used before."""
        self._sessions += 1
        return self._sessions

    def goodbye(self) -> None:
        """End in an orderly way."""
        facts = {"wall_ns": time_ns(), "monotonic_ns": 2, "events": self.events}
        self._tell(Control.GOODBYE, facts | {"probe_ns": 700 * self.events})
        self._own.close()


class SpooledThread:
    """One recording thread: sessions and events, a microsecond apart unless said otherwise."""

    def __init__(self, process: SpooledProcess, stream: Stream) -> None:
        self.process = process
        self.stream = stream
        self.key = 0

    def session(self, trigger: str = "shop.py", **facts: object) -> str:
        """Begin a session in this thread; returns its id."""
        key, self.key = self.process.new_session(), 0
        if not self.stream.is_open:
            self.stream.advance(1)
        known: dict[str, object] = {
            "id": new_id(),
            "kind": "script",
            "trigger": trigger,
            "module": "__main__",
            "function": "<module>",
            "parent": None,
            "monotonic_ns": self.stream.last_ns,
            "wall_ns": time_ns(),
            "thread": self.stream.thread,
            "thread_name": "MainThread",
            "task": None,
        }
        known |= facts
        self.put(record(Control.SESSION, key, known))
        self.key = key
        return str(known["id"])

    def event(self, site: int, *payload: object, dt: int = 1000) -> None:
        """Publish an event of the current session, `dt` ns after the one before."""
        self.process.events += 1
        self._put_timed(lambda passed: record(site, passed, *payload), dt)

    def control(self, number: Control, *elements: object) -> None:
        """Publish a control record."""
        self.put(record(number, *elements))

    def switch(self, key: int) -> None:
        """Make another session current."""
        self.key = key
        self.control(Control.SWITCH, key)

    def finish(self, status: str = "completed", error: object = None, dt: int = 1000) -> None:
        """End the current session."""
        key, self.key = self.key, 0
        self._put_timed(lambda passed: record(Control.FINISH, passed, key, status, error), dt)

    def _put_timed(self, build: Callable[[int], bytes], dt: int) -> None:
        if self.stream.append(build(dt)):
            self.stream.last_ns += dt
        else:
            self.put(build(0))

    def put(self, raw: bytes) -> None:
        """Publish a record as it is, in a new segment (which repeats the session) if it must."""
        if self.stream.append(raw):
            return
        assert self.stream.advance(len(raw) + 16)
        if self.key:
            assert self.stream.append(record(Control.SWITCH, self.key))
        assert self.stream.append(raw)

    def close(self) -> None:
        """The thread ends."""
        self.stream.close()


def put(stream: Stream, raw: bytes) -> None:
    """Publish a record, in a new segment where the current one has no room."""
    if not stream.append(raw):
        assert stream.advance(len(raw))
        assert stream.append(raw)


def items(identity: int, *values: object) -> Raw:
    """Return the value of a list of plain values."""
    return Raw(record(Tag.LIST, identity, len(values), *values))


def key_error(key: str) -> Raw:
    """Return the value of a `KeyError`."""
    return Raw(record(Tag.EXCEPTION, 900, "builtins.KeyError", 1, key))
