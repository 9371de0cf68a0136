"""The native engine's face: what `Core` asks of it, handed on to the extension.

The extension is optional: importing this module fails where it was not built, or where it does
not know the interpreter. `rewind.capture.create_core` says so and takes the engine in Python.
"""

import builtins
import os
import threading
from typing import Final

from rewind.capture._native import Engine
from rewind.capture.engine import Fault, Recorder, RecorderOfThread, events_limit
from rewind.capture.registry import Code, Registry
from rewind.capture.secrets import Secrets
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model import probes as names
from rewind.model.sites import RunTable
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

    def _learned(self, code: Code, sites: list[int]) -> None:
        described = [
            (site, self.name[site], bool(self.secret[site]), site in self.off, self.prefix[site])
            for site in sites
        ]
        self.engine.learn(code, described)


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
            recorder,
            self.registry.called,
            fault,
        )
        self.probes = NativeProbes(self.engine)

    def start(self, folder: Folder) -> None:
        """Begin this process's part of the recording."""
        self.engine.start(
            os.fsencode(folder.name),
            folder.pid,
            folder.start_ticks,
            folder.segment_size,
            folder.max_bytes,
            threading.main_thread().ident or 0,
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

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder."""
        return self.engine.new_recorder(stream)

    def captured(self, value: object) -> bytes:
        """Return a value as it is recorded."""
        return self.engine.captured(value)
