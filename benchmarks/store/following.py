"""How long a recorded event takes from its probe to a reader that follows the session.

The program writes down the time, again and again, and what it wrote is the event: readers compare
it with their own clock, which is the same. They also count: each gets every event, in order.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from time import sleep, time_ns

from rewind.errors import StoreError
from rewind.replay.archive import Archive
from store.figures import Figure, at
from store.recordings import environment

FOLLOW_MS = 250
_PROGRAM = """
import sys, time

def beat(seconds, pause):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stamp = time.time_ns()
        time.sleep(pause)

beat(float(sys.argv[1]), float(sys.argv[2]))
"""
PAUSES = {"20 events/s": 0.05, "1000 events/s": 0.001}


class Reader(Thread):
    """Follows a session on a connection of its own."""

    def __init__(self, archive: Archive, session: str) -> None:
        super().__init__(daemon=True)
        self._archive = archive
        self._session = session
        self.numbers: list[int] = []
        self.late: list[float] = []
        """Milliseconds from each stamp to here."""

    def run(self) -> None:
        for event in self._archive.follow(self._session):
            now = time_ns()
            self.numbers.append(event.n)
            if event.name == "stamp":
                assert isinstance(event.value, int)
                self.late.append((now - event.value) / 1e6)


def followed(place: Path, url: str, readers: int, seconds: float) -> Iterator[Figure]:
    """Yield how late so many readers at once are told, for a slow and a fast program."""
    where = url.partition(":")[0].partition("+")[0]
    for name, pause in PAUSES.items():
        late = sorted(_late(place, url, readers, seconds, pause))
        what = f"event to {readers} readers, {name}"
        yield Figure(what, where, len(late), at(late, 0.5), at(late, 0.5), None, FOLLOW_MS)
        yield Figure(
            f"{what}, p95", where, len(late), at(late, 0.5), at(late, 0.95), None, 2 * FOLLOW_MS
        )


def _late(place: Path, url: str, readers: int, seconds: float, pause: float) -> list[float]:
    (place / "beat.py").write_text(_PROGRAM)
    command = [sys.executable, "-m", "rewind", "run", "--database", url, "beat.py"]
    began = time_ns()
    with subprocess.Popen(
        [*command, str(seconds), str(pause)], cwd=place, env=environment(place), stderr=-3
    ) as program:
        with closing(_opened(url)) as archive:
            name = _begun(archive, began)
            following = [Reader(archive, name) for _ in range(readers)]
            for reader in following:
                reader.start()
            for reader in following:
                reader.join(seconds + 60)
            last = archive.session(name).facts.events
        program.wait()
    for reader in following:
        assert reader.numbers == list(range(1, last + 1)), "an event was missed or came twice"
    return [late for reader in following for late in reader.late]


def _opened(url: str) -> Archive:
    while True:
        with suppress(StoreError):
            return Archive.open(url)
        sleep(0.01)


def _begun(archive: Archive, began: int) -> str:
    while True:
        for session in archive.sessions(limit=1):
            if session.start_ns >= began:
                return session.id
        sleep(0.01)
