"""Where a reader begins: all sessions of a database, and any one of them by name.

Stands between the store and everybody who shows recordings. It refuses nothing but what does not
exist; what sessions and moments look like as JSON is for `present`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import PurePath
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from rewind import store
from rewind.config import EXPORT_SUFFIX
from rewind.errors import ForeignDatabaseError, NewDatabaseError, OldDatabaseError, StoreError
from rewind.model.instrumentation import (
    PROBE_FAULT,
    PROCESS_REPLACED,
    ModuleReport,
    Said,
    module_reports,
)
from rewind.replay.events import ALL_EVENTS, Event, EventQuery
from rewind.replay.following import followed
from rewind.replay.library import Library
from rewind.replay.session import Session
from rewind.store import SessionFilter, Status, UnreachableDatabaseError, Watch
from rewind.store.rows import Process, Recording, Report
from rewind.store.rows import Session as Facts

__all__ = ["Archive", "Instrumentation", "RecordingFacts", "SessionFilter", "Status", "Watch"]


ALL_SESSIONS: Final = SessionFilter()


class RecordingFacts(NamedTuple):
    """A recording with its processes and what they reported."""

    recording: Recording
    processes: tuple[Process, ...]
    reports: tuple[Report, ...]


class Instrumentation(NamedTuple):
    """What became of each module of a recording."""

    modules: tuple[ModuleReport, ...]
    faults: tuple[Said, ...]
    """Probes that were turned off, as Rewind failed in them; by function."""
    replacements: tuple[Said, ...]
    """Programs that were not recorded, as they took the place of one that was."""


class Archive:
    """An open database to read recordings from.

    Any thread may use it and the sessions it gives. A forked child opens its own; `close` releases
    the connections.
    """

    def __init__(self, database: store.Store) -> None:
        self._store = database
        self._library = Library(database)

    @classmethod
    def open(cls, url: str, *, create: bool = False) -> "Archive":
        """Open the database of that URL; with `create`, an empty one is made where there is none.

        Raises `StoreError` or one of its children: an older database is not upgraded by reading.
        """
        try:
            return cls(store.open_store(url, upgrade=False))
        except (
            ForeignDatabaseError,
            NewDatabaseError,
            OldDatabaseError,
            UnreachableDatabaseError,
        ):
            raise
        except StoreError:
            if not create or url.endswith(EXPORT_SUFFIX):
                raise
        return cls(store.open_store(url, upgrade=True))

    @property
    def url(self) -> str:
        """The database's URL without its password."""
        return self._store.url

    @property
    def name(self) -> str:
        """The database's name: a file's, or that of a database on a server."""
        return PurePath(urlsplit(self.url).path).name

    @property
    def damage(self) -> Sequence[str]:
        """What of an exported file could not be read, for a person."""
        return self._store.damage

    def sessions(
        self, wanted: SessionFilter = ALL_SESSIONS, *, limit: int | None = None, offset: int = 0
    ) -> list[Facts]:
        """Return the sessions that match, newest first."""
        return store.read_sessions(self._store, wanted, limit=limit, offset=offset)

    def count(self, wanted: SessionFilter = ALL_SESSIONS) -> int:
        """Return how many sessions match."""
        return store.count_sessions(self._store, wanted)

    def session(self, reference: str) -> Session:
        """Return a session by its id, a unique beginning of it, or `last`.

        `last` is the newest one without a parent. Raises `NoSuchSessionError`.
        """
        return Session(self._library, store.read_session(self._store, reference))

    def follow(
        self,
        reference: str,
        cursor: int = 0,
        query: EventQuery = ALL_EVENTS,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Event]:
        """Yield a session's events after number `cursor` as they are committed, once and in order.

        Ends when the session is over and all that was asked for was given, or when `stopped` says
        so, which is asked some fifty times a second. For one thread, which may be one of many.
        Raises `NoSuchSessionError`, and `StoreError` where the database went away: follow on then
        with the number of the last event as the cursor.
        """
        name = self.session(reference).facts.id
        asked = replace(query, first=max(query.first, cursor + 1))
        found = followed(lambda: self.session(name), self.watch, asked, stopped)
        return islice(found, query.limit)

    def recording(self, recording_id: str) -> RecordingFacts | None:
        """Return a recording's facts, or None."""
        recording = store.read_recording(self._store, recording_id)
        if recording is None:
            return None
        return RecordingFacts(
            recording,
            tuple(store.read_processes(self._store, recording_id)),
            tuple(store.read_reports(self._store, recording_id)),
        )

    def instrumentation(self, recording_id: str) -> Instrumentation:
        """Return what became of each module of a recording; of one that is not there, nothing."""
        said = [Said(*row[2:]) for row in store.read_reports(self._store, recording_id)]
        return Instrumentation(
            module_reports(store.read_module_files(self._store, recording_id), said),
            _about(PROBE_FAULT, said),
            _about(PROCESS_REPLACED, said),
        )

    @property
    def is_changeable(self) -> bool:
        """Whether sessions may be pinned and removed: not in a file that was exported."""
        return not self._store.is_exported

    def pin(self, session: str, *, pinned: bool) -> None:
        """Keep the session of that id whatever the bounds say, or no longer.

        Raises `StoreError` where nothing can be changed.
        """
        store.pin(self._store, [session], pinned=pinned)

    def remove(self, session: str) -> None:
        """Remove the session of that id for good, unless it runs or is pinned.

        Raises `StoreError` where nothing can be changed.
        """
        for _ in store.remove(self._store, [session]):
            pass

    def status(self) -> Status:
        """Return figures of the whole database."""
        return store.read_status(self._store)

    def watch(self) -> Watch:
        """Return what notices commits of other processes; for one thread, which closes it."""
        return Watch(self._store)

    def close(self) -> None:
        """Release all connections."""
        self._store.close()


def _about(what: str, said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(sorted({each for each in said if each.what == what}))
