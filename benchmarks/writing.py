"""Takes in what a program recorded by each of the writer's two followers, and stores it.

Run as `python writing.py PROGRAM`; prints JSON. Each round decodes the same spool by the one in C,
then by the one in Python, and stores what came of it, by the time that the thread had on a
processor. Programs are those of `cores.py`, and so is what records them.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import cores

from rewind.model.identity import new_id
from rewind.spool.reader import segments
from rewind.store import Batch, Process, Recording, Store, append, open_store
from rewind.writer.following import NATIVE, PYTHON, Following
from rewind.writer.process import RecordedProcess
from rewind.writer.settings import WriterSettings
from rewind.writer.sites import Sites

ROUNDS = 5
UNITS = {"fib": 60, "loops": 30, "objects": 150}
"""Units of work that are recorded; some hundred thousand events."""


def spooled(name: str, folder: Path) -> tuple[int, float]:
    """Record a program into a folder; return its events, and the seconds that it takes plain."""
    path, size = cores.PROGRAMS / f"{name}.py", UNITS[name]
    plain = cores.plain(path)
    plain.run(1)
    started = time.thread_time()
    plain.run(size)
    seconds = time.thread_time() - started
    contender, _ = cores.recorded(path, folder, "native")
    core = contender.core
    assert core is not None
    core.open_session("script", name, "program", "run")
    contender.run(size)
    core.close_session(None)
    recorder = core._local.recorder  # noqa: SLF001 - nothing else tells while it runs
    events = int(recorder.counted()["events"])
    core.close({"wall_ns": 0, "monotonic_ns": 0})
    return events, seconds


def decoded(following: Following, folder: Path) -> Batch:
    """Return the rows of a folder, which is left as it is."""
    recording = Recording(new_id(), None, [], "/", "", "", "", "", None, None, {}, 1, {})
    (name, *_) = sorted(name for name, _ in segments(folder))
    row = Process(new_id(), recording.id, name.pid, name.start_ticks)
    process = RecordedProcess(folder, row, recording, WriterSettings(""))
    process.sites = Sites(following)
    found: dict[int, list[int]] = {}
    for one, _ in segments(folder):
        found.setdefault(one.stream, []).append(one.sequence)
    process.offer(found)
    while process.read_on():
        pass
    process.end()
    batch = process.collect().batch
    process.close()
    assert process.damage is None, process.damage
    return batch


def timed(following: Following, folder: Path) -> tuple[float, Batch]:
    """Return the seconds that decoding took, and what came of it."""
    started = time.thread_time()
    batch = decoded(following, folder)
    return time.thread_time() - started, batch


def stored(store: Store, batch: Batch) -> float:
    """Store the rows under new names; return the seconds that it took."""
    name = new_id()
    batch.sessions = [row._replace(id=name, key=1) for row in batch.sessions[:1]]
    batch.chunks = [row._replace(session_id=name) for row in batch.chunks]
    batch.functions = [row._replace(session_id=name) for row in batch.functions]
    started = time.thread_time()
    append(store, batch, "zstd")
    return time.thread_time() - started


def measured(name: str) -> dict[str, object]:
    """Return the figures of one program."""
    assert NATIVE is not None, "the follower in C was not built"
    times: dict[str, list[float]] = {"native": [], "python": [], "stored": []}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "spool")
        folder.mkdir()
        events, plain = spooled(name, folder)
        store = open_store(f"sqlite:///{place}/store.db", upgrade=True)
        for _ in range(ROUNDS):
            for way, following in (("python", PYTHON), ("native", NATIVE)):
                seconds, batch = timed(following, folder)
                times[way].append(seconds)
            times["stored"].append(stored(store, batch))
        store.close()
    return {"events": events, "plain": plain, "seconds": times}


if __name__ == "__main__":
    figures = measured(sys.argv[1])
    print(json.dumps(figures))
