"""What a program says by itself, and what it asks of others, becomes events of its session."""

from collections.abc import Callable
from functools import partial
from threading import RLock
from typing import Final

from rewind.capture.engine import Engine, Recorder, Session
from rewind.model.events import NOTE, OUTPUT, Control
from rewind.model.notes import MAPS, NOTES, OUTPUT_TEXTS, Saying
from rewind.model.sites import RunTable, run_table
from rewind.model.wire import pack

AddModule = Callable[[str, RunTable, bytes], int | None]

_SAYINGS: Final = {NOTE: NOTES, OUTPUT: OUTPUT_TEXTS, **MAPS}


class Said:
    """Called by any thread, of what happens on that. A child of a fork must call `after_fork`.

    Outside of a session that is recorded nothing is written.
    """

    def __init__(
        self, engine: Engine, recorder: Callable[[], Recorder | None], add_module: AddModule
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        """Gives the running thread's, if it has one."""
        self.here: Callable[[], Session | None] = partial(engine.here, recorder)
        """Returns the session that is recorded just here."""
        self._sites = {
            kind: _Sites(saying, engine, add_module) for kind, saying in _SAYINGS.items()
        }

    def after_fork(self) -> None:
        """Wait for nobody who held a lock in the parent."""
        for sites in self._sites.values():
            sites.after_fork()

    def note(self, name: object, value: object) -> None:
        """Record a value under a name."""
        if self.here() is not None:
            site = self._sites[NOTE].first()
            if site is not None:
                self._engine.note(site, name, value)

    def say(self, kind: str, value: object, place: int = 0, withheld: int = 0) -> None:
        """Record a value as an event of that kind, whose site is that of its kind at `place`.

        `withheld` values were left out of it before.
        """
        session = self.here()
        if session is None:
            return
        if withheld:
            recorder = self._recorder()
            if recorder is not None:
                recorder.tell(session, pack([Control.REDACTED, session.key, withheld]))
        sites = self._sites[kind]
        site = sites.number or sites.first()
        if site is not None:
            self._engine.say(site + place, value)

    def first_of(self, kind: str) -> Callable[[], int | None]:
        """Return what gives the first site of a kind; None where there is no room for it."""
        return self._sites[kind].first


class _Sites:
    """Sites of one kind, known to a recording from the first time on."""

    def __init__(self, saying: Saying, engine: Engine, add_module: AddModule) -> None:
        self._saying = saying
        self._engine = engine
        self._add_module = add_module
        self.number: int | None = None
        """Of the first site, once that is known."""
        self.after_fork()

    def after_fork(self) -> None:
        self._lock = RLock()

    def first(self) -> int | None:
        """Return the number of the first site; None where the spool has no room to announce it."""
        if self.number is None:
            with self._lock:
                if self.number is None:
                    saying = self._saying
                    table = run_table(saying.table)
                    site = self._add_module(saying.module, table, saying.announcement())
                    if site is not None:
                        self._engine.registry.called(site)
                    self.number = site
        return self.number
