"""The native engine's face: what `Core` asks of it, handed on to the extension.

The extension is optional: importing this module fails where it was not built, or where it does
not know the interpreter. `rewind.capture.create_core` says so and takes the engine in Python.
"""

import builtins
import os
from _thread import get_ident
from typing import Any, Final

from rewind.capture._native import Engine
from rewind.capture.engine import Fault, Recorder, RecorderOfThread, events_limit
from rewind.capture.greenlets import Greenlets
from rewind.capture.registry import Code, Registry
from rewind.capture.secrets import Secrets
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model import probes as names
from rewind.model.sites import RunSite, RunTable
from rewind.spool.room import wait_for_room
from rewind.spool.stream import Folder

_UNLIMITED: Final = (1 << 64) - 1


class NativeProbes:
    """Every probe of `rewind.model.probes.NAMES`, a method of the extension's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def install(self) -> None:
        """Put the probes where rewritten code finds them."""
        for name in names.NAMES:
            probe = RecursionError if name == names.TOO_DEEP else getattr(self._engine, name)
            setattr(builtins, names.PREFIX + name, probe)


class NativeRegistry(Registry):
    """Tells the extension what it learns of each function; that keeps all for itself."""

    engine: Engine

    def _learned(self, code: Code, base: int, sites: tuple[RunSite, ...]) -> None:
        self.engine.learn(code, base, sites, self._secrets.covers)


class NativeEngine:
    """See `rewind.capture.engine.Engine`. A fork carries it over; closed recorders end it."""

    name: Final = "native"

    def __init__(self, settings: Settings, recorder: RecorderOfThread, fault: Fault) -> None:
        secrets = Secrets(SecretNames(settings.redacted_names))
        limit = events_limit(settings)
        self.registry = NativeRegistry(secrets)
        self.engine = self.registry.engine = Engine(
            Limits(settings.max_depth, settings.max_items, settings.max_value_bytes),
            secrets,
            _UNLIMITED if limit is None else limit,
            settings.max_stacktrace_depth,
            settings.sampling_rate,
            self._recorder,
            self.registry.called,
            fault,
        )
        self.probes = NativeProbes(self.engine)
        # What the extension does by itself is called without a step between.
        self.running = self.engine.running
        self.known = self.engine.known
        self.here = self.engine.here
        self.creator = self.engine.creator
        self.let_go = self.engine.let_go
        self.open = self.engine.open
        self.set_aside = self.engine.set_aside
        self.take_up = self.engine.take_up
        self.follow = self.engine.follow
        self.end = self.engine.end
        self.tag = self.engine.tag
        self.note = self.engine.note
        self.say = self.engine.said
        self.captured = self.engine.captured
        self.statements = self.engine.statements
        self._of_thread = recorder
        self._waiting: set[Recorder] = set()

    def _recorder(self) -> Any:  # noqa: ANN401 - the extension's own
        """Return the running thread's recorder; wait before, if it has taken room that it owes.

        A probe asks once, and again after a recorder went beyond the spool's bound.
        """
        recorder: Any = self._of_thread()
        # A signal's handler, while it waits, is not to wait.
        if recorder.owes and recorder not in self._waiting:
            self._waiting.add(recorder)
            try:
                wait_for_room(self._folder)
            finally:
                if self._folder.gave_up:
                    self.engine.give_up()
                self._waiting.discard(recorder)
                recorder.owes = False
        return recorder

    def start(self, folder: Folder) -> None:
        """Begin this process's part of the recording."""
        self._folder = folder
        self._waiting.clear()
        self.engine.start(
            os.fsencode(folder.name),
            folder.pid,
            folder.start_ticks,
            folder.segment_size,
            folder.max_bytes,
            folder.goes_beyond,
            get_ident(),
        )

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""
        base = self.registry.add(module, table)
        self.engine.reserve(base + table.size)
        return base

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""
        self.registry.silence(site)
        self.engine.silence(site)

    def meet_greenlets(self, greenlets: Greenlets) -> None:
        """Tell greenlets apart from now on. `ValueError`: it cannot be by that library."""
        self.engine.meet_greenlets(greenlets.interface, greenlets.lineage)

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder."""
        return self.engine.new_recorder(stream)

    def stand_in(self, id: str, *, recorded: bool) -> Any:  # noqa: A002, ANN401 - the extension's own
        """Return what stands for another's session as a parent."""
        return self.engine.stand_in(id, recorded)
