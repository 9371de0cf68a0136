"""The engine in Python: for machines without the native one, and to hold that one against."""

import os
import threading
from itertools import count
from typing import Final

from rewind.capture.engine import Fault, RecorderOfThread, events_limit
from rewind.capture.probes import Probes
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code, Registry
from rewind.capture.secrets import Secrets
from rewind.capture.snapshot import Snapshots
from rewind.capture.strands import Session, Strand
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model.sites import RunTable
from rewind.spool.stream import Folder, Stream


class PythonEngine:
    """See `rewind.capture.engine.Engine`. A fork carries it over; closed recorders end it."""

    name: Final = "python"

    def __init__(self, settings: Settings, recorder: RecorderOfThread, fault: Fault) -> None:
        secrets = Secrets(SecretNames(settings.redacted_names))
        limits = Limits(settings.max_depth, settings.max_items, settings.max_value_bytes)
        self.registry = Registry(secrets)
        self.snapshots = Snapshots(limits, secrets)
        limit = events_limit(settings)
        self._limit = float("inf") if limit is None else limit
        self._rate = settings.sampling_rate
        self.probes = Probes(
            self.registry,
            self.snapshots,
            recorder,  # type: ignore[arg-type]  # the ones that `new_recorder` has made
            self._begin,
            fault,
            settings.max_stacktrace_depth,
        )

    def start(self, folder: Folder) -> None:
        """Begin this process's part of the recording."""
        self._folder = folder
        self._keys = count(1)

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""
        return self.registry.add(module, table)

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""
        self.registry.silence(site)

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder."""
        return Recorder(Stream(self._folder, stream), self._limit, self._new_session)

    def captured(self, value: object) -> bytes:
        """Return a value as it is recorded."""
        written = bytearray()
        self.snapshots.write(written, value)
        return bytes(written)

    # Sessions

    def _new_session(self, parent: Session | None) -> Session:
        recorded = self._sampled() if parent is None else parent.recorded
        return Session(next(self._keys), recorded=recorded)

    def _sampled(self) -> bool:
        # Not `random`: its numbers belong to the program, which may have seeded it.
        return self._rate >= 1 or int.from_bytes(os.urandom(4), "big") < self._rate * 2**32

    @staticmethod
    def _begin(recorder: Recorder, strand: Strand, code: Code) -> None:
        on_main = threading.get_ident() == threading.main_thread().ident
        kind = "task" if strand.task else "call" if on_main else "thread"
        if code.qualname == "<module>":
            kind = "import"
        facts: dict[str, object] = {
            "kind": kind,
            "trigger": f"{code.module}.{code.qualname}",
            "module": code.module,
            "function": code.qualname,
            "task": None,
        }
        recorder.begin(strand, facts, strand.parent)
