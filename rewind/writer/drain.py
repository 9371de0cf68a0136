"""The writer's work: follow a recording until all of it is stored.

It ends when every process of the recording has ended and all that they published is committed, or
when it is told to stop; another writer then goes on at the same place.
"""

import logging
import os
from collections.abc import Callable
from time import monotonic, sleep

from rewind.errors import StoreError
from rewind.spool.process import is_alive
from rewind.spool.temporary import is_temporary
from rewind.store import Store, append, doomed, read_totals, retain
from rewind.writer.folder import RecordingFolder
from rewind.writer.process import RecordedProcess
from rewind.writer.resume import resume_process
from rewind.writer.retry import Retry
from rewind.writer.settings import WriterSettings
from rewind.writer.summary import summary

_CHECK_INTERVAL = 0.25
"""Seconds between two looks at who still lives."""

_LOOK_INTERVAL = 0.1
"""Seconds between two looks at the files of the spool while there is something to take in."""

_MOST_CORES = 4
"""Cores that compress at once, at most: one takes events in for about as many."""

_FLUSH_SHARE = 4
"""How many times as long as a flush took is left to taking in before the next one."""

_LONGEST_PAUSE = 2.0
"""Seconds between two flushes, at most, whatever they take."""

_SESSION_TAKES = 0.0001
"""Seconds that storing a session takes, about, until it was measured."""

_MANY_SESSIONS = 100
"""From so many in one flush on it tells what one of them takes."""

_MOST_WAITING = 56 << 20
"""Bytes that wait for a flush, beside those of one look at each stream: more than the short
sessions take that wait at most where a database keeps ten thousand, the default."""

_RETAIN_INTERVAL = 5.0
"""Seconds between two looks at what is beyond the bounds."""

_RETAIN_BUDGET = 0.1
"""Seconds that one removal takes at most, about, while there may be something to take in."""

_log = logging.getLogger(__name__)

Place = tuple[int, int]
"""A process's id and start."""


class Drain:
    """Brings one recording from its folder to an open store. Made and run by one thread.

    `stopped` is asked between steps; `run` returns soon after it says yes.
    """

    def __init__(
        self,
        folder: RecordingFolder,
        store: Store,
        settings: WriterSettings,
        retry: Retry,
        stopped: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._store = store
        self._settings = settings
        self._retry = retry
        self._stopped = stopped
        self._processes: dict[Place, RecordedProcess] = {}
        self._over: set[Place] = set()
        self._parted: set[Place] = set()
        """Those of them that said goodbye, whether they live on or not."""
        self._stored_bytes = self._stored_events = 0
        """Of the processes that are over."""
        self._progress = (0, 0)
        self._dead: set[Place] = set()
        self._checked = float("-inf")
        self._flushed = self._retained = monotonic()
        self._flush_took = 0.0
        self._session_takes = _SESSION_TAKES

    def run(self) -> bool:
        """Drain until the recording is over; false if it was told to stop before."""
        try:
            while self._follow():
                self._linger()
                if not self._folder.processes().keys() - self._over:
                    self._retain(None)
                    return True
            return False
        finally:
            for process in self._processes.values():
                process.close()

    def _follow(self) -> bool:
        """Take in what comes until nothing more can; false if told to stop."""
        busy, looked = False, float("-inf")
        while True:
            # Who is gone is asked first: all that those published can then be read.
            gone = self._gone()
            # A spool that the writer is behind with holds thousands of files.
            looks = not busy or monotonic() - looked > _LOOK_INTERVAL
            if looks:
                looked = monotonic()
                self._discover()
            idle = [place for place, process in self._processes.items() if not process.read_on()]
            busy = len(idle) < len(self._processes)
            if self._is_due(busy=busy):
                self._flush_all()
            for place in idle if looks else ():
                if self._processes[place].said_goodbye or place in gone:
                    self._end(place)
            if not self._processes and gone & {self._folder.launcher}:
                return True
            if not busy and self._stopped():
                self._flush_all()
                return False
            if looks and not busy:
                sleep(self._settings.poll_interval)

    def _is_due(self, *, busy: bool) -> bool:
        pause, passed = self._settings.flush_interval, monotonic() - self._flushed
        if passed > pause:
            # A flush stores every open session again, and sessions that others soon make go: a
            # thousand tasks take longer than the pause.
            took = max(self._waiting_sessions() * self._session_takes, self._flush_took * busy)
            if passed > min(took * _FLUSH_SHARE, _LONGEST_PAUSE):
                return True
        return sum(one.waiting_bytes for one in self._processes.values()) > _MOST_WAITING

    def _waiting_sessions(self) -> int:
        return sum(one.waiting_sessions for one in self._processes.values())

    def _gone(self) -> set[Place]:
        """Return of whom nothing more will come: the dead, and those that said goodbye."""
        if monotonic() - self._checked > _CHECK_INTERVAL:
            self._checked = monotonic()
            places = {self._folder.launcher, *self._processes}
            self._dead = {place for place in places if not is_alive(*place)}
        return self._dead | self._parted

    def _discover(self) -> None:
        for place, streams in self._folder.processes().items():
            if place not in self._over and place not in self._processes:
                self._begin(place)
            if place in self._processes:
                self._processes[place].offer(streams)
            else:
                self._folder.remove_segments(place)

    def _begin(self, place: Place) -> None:
        folder, settings = self._folder, self._settings
        process = self._processes[place] = self._retry(
            lambda: resume_process(self._store, folder.path, folder.recording, place, settings)
        )
        if process.is_over:
            self._conclude(place)

    def _flush_all(self) -> None:
        began, sessions = monotonic(), self._waiting_sessions()
        for process in self._processes.values():
            self._flush(process)
        self._flushed = monotonic()
        self._flush_took = self._flushed - began
        if sessions >= _MANY_SESSIONS:
            self._session_takes = self._flush_took / sessions
        living = self._processes.values()
        progress = (
            self._stored_bytes + sum(process.taken_bytes for process in living),
            self._stored_events + sum(process.events for process in living),
        )
        if progress != self._progress:
            self._folder.write_progress(*progress)
            self._progress = progress

    def _flush(self, process: RecordedProcess) -> None:
        outgoing = process.collect()
        if outgoing.batch:
            codec, cores = self._settings.compression, self._cores()
            self._retry(lambda: append(self._store, outgoing.batch, codec, cores))
        for path in outgoing.spent:
            path.unlink(missing_ok=True)
        for path in outgoing.damaged:
            self._folder.set_aside(path)
        if monotonic() - self._retained > _RETAIN_INTERVAL:
            self._retain()

    def _cores(self) -> int:
        """Return on how many cores to compress: one is the program's for as long as it runs."""
        runs = not all(process.said_goodbye for process in self._processes.values())
        return min(max(len(os.sched_getaffinity(0)) - runs, 1), _MOST_CORES)

    def _retain(self, budget_s: float | None = _RETAIN_BUDGET) -> None:
        store, bounds = self._store, self._settings.bounds
        try:
            makes_room = len(doomed(store, bounds, 1)) > 0
            living = tuple(self._processes.values()) if makes_room else ()
            before = [read_totals(store, process.row.id) for process in living]
            retain(store, bounds, budget_s)
            for process, stored in zip(living, before, strict=True):
                process.made_room(stored, read_totals(store, process.row.id))
        except StoreError as error:
            # No reason to keep new ones waiting; it is tried again soon, and at every end.
            _log.warning("old sessions stay for now: %s", error)
        self._retained = monotonic()

    def _end(self, place: Place) -> None:
        self._processes[place].end()
        self._flush(self._processes[place])
        self._conclude(place)

    def _conclude(self, place: Place) -> None:
        process = self._processes.pop(place)
        process.close()
        facts = self._retry(lambda: summary(self._store, process))
        if is_temporary(self._settings.database):
            facts["temporary"] = True
        self._folder.write_done(place, facts)
        self._retain()
        self._over.add(place)
        if process.said_goodbye:
            self._parted.add(place)
        self._stored_bytes += process.taken_bytes
        self._stored_events += process.events

    def _linger(self) -> None:
        """Leave the summary for the launcher to read, if it lives."""
        end = monotonic() + self._settings.linger
        while monotonic() < end and not self._stopped() and is_alive(*self._folder.launcher):
            sleep(self._settings.poll_interval)
