"""A recording's folder as the writer uses it: the lock, the summaries, and its removal.

Files that others read are written beside and renamed, so that nobody meets half of one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rewind.errors import SpoolError
from rewind.spool.reader import segment_names
from rewind.store import Recording

_REQUIRED = ("argv", "cwd", "python", "implementation", "platform", "host", "started_ns")


_DAMAGED = ".damaged"

Place = tuple[int, int]
"""A process's id and start."""


class RecordingFolder:
    """One recording's part of the spool; raises `SpoolError` where `recording.json` is no use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        facts = _facts(path / "recording.json")
        self.recording = _recording(facts)
        launcher = facts["launcher"]
        self.launcher: Place = (int(launcher["pid"]), int(launcher["start_ticks"]))
        """The process that began the recording."""

    def processes(self) -> dict[tuple[int, int], dict[int, list[int]]]:
        """Return the segments there are: by process (id, start), by stream, their sequence."""
        found: dict[tuple[int, int], dict[int, list[int]]] = {}
        for name in segment_names(self.path):
            streams = found.setdefault((name.pid, name.start_ticks), {})
            streams.setdefault(name.stream, []).append(name.sequence)
        return found

    def set_aside(self, segment: Path) -> None:
        """Keep a segment that cannot be read, under a name that nobody reads."""
        segment.rename(segment.with_suffix(_DAMAGED))

    def has_damage(self) -> bool:
        """Return whether there are segments that could not be read."""
        return any(self.path.glob(f"*{_DAMAGED}"))

    def remove_segments(self, process: Place) -> None:
        """Remove what is left of a process all of which is stored."""
        for path in self.path.glob(f"{process[0]}-{process[1]}-*.seg"):
            path.unlink(missing_ok=True)

    def write_done(self, process: Place, facts: Mapping[str, object]) -> None:
        """Put a process's summary in place."""
        _write(self.path / f"{process[0]}-{process[1]}.done", facts)

    def write_progress(self, taken_bytes: int, events: int) -> None:
        """Say how far the drain has come."""
        _write(self.path / "progress.json", {"bytes": taken_bytes, "events": events})

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder's one writer; false if another has it, or the folder is gone."""
    try:
        lock = (folder / "writer.lock").open("a", encoding="utf-8")
    except FileNotFoundError:
        yield False
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _write(path: Path, facts: Mapping[str, object]) -> None:
    hidden = path.with_name(path.name + ".new")
    hidden.write_text(json.dumps(facts), encoding="utf-8")
    os.replace(hidden, path)


def _facts(path: Path) -> Mapping[str, Any]:
    try:
        facts = json.loads(path.read_bytes())
        missing = [key for key in ("id", "launcher", *_REQUIRED) if key not in facts]
    except (OSError, ValueError, TypeError) as error:
        message = f"{path} cannot be read: {error}"
        raise SpoolError(message) from error
    if missing:
        message = f"{path} does not say {', '.join(missing)}"
        raise SpoolError(message)
    return dict(facts)


def _recording(facts: Mapping[str, Any]) -> Recording:
    return Recording(
        id=str(facts["id"]),
        name=facts.get("name"),
        argv=list(facts["argv"]),
        cwd=facts["cwd"],
        python=facts["python"],
        implementation=facts["implementation"],
        platform=facts["platform"],
        host=facts["host"],
        service=facts.get("service"),
        git_commit=facts.get("git_commit"),
        settings=facts.get("settings") or {},
        started_ns=int(facts["started_ns"]),
        tags=facts.get("tags") or {},
    )
