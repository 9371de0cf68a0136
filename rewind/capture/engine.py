"""What captures for a `Core`: the engine in Python, or the native one, behind one face.

An engine has the probes and makes each thread's recorder; `Core` knows the process: its modules,
reports, threads and forks.
"""

from collections.abc import Callable
from typing import Any, Protocol

from rewind.capture.registry import Registry
from rewind.config import Settings
from rewind.model.sites import RunTable
from rewind.spool.stream import Folder

# An engine is given back what it has made: no other looks inside of these.
Session = Any
_OwnStrand = Any


class Strand(Protocol):
    """One line of execution."""

    session: Session | None
    """The session that runs."""
    held: bool
    """The session goes on when the stack is empty: something else says when it is over."""
    parent: Session | None
    """The session that started this strand."""


class Recorder(Protocol):
    """Writes one thread's events; see `rewind.capture.recorder`."""

    @property
    def base(self) -> Strand:
        """The thread's own strand."""

    @property
    def strand(self) -> Strand:
        """The strand that runs now, as far as known."""

    @property
    def closed(self) -> bool:
        """Nothing more is recorded."""

    def begin(
        self, strand: _OwnStrand, facts: dict[str, object], parent: Session | None, /
    ) -> object:
        """Begin a session on the strand. `facts` has kind, trigger, module and function."""

    def finish(self, strand: _OwnStrand, error: bytes | None, /) -> None:
        """End the strand's session; `error` is a captured exception, if one ended it."""

    def counted(self) -> dict[str, int]:
        """Return what a process says of it when it says goodbye."""

    def close(self) -> None:
        """Record nothing more."""


class Probes(Protocol):
    """Every probe of `rewind.model.probes.NAMES`."""

    def install(self) -> None:
        """Put the probes where rewritten code finds them."""


RecorderOfThread = Callable[[], Recorder]
Fault = Callable[[int, BaseException], None]


class Engine(Protocol):
    """Called by `Core` under its lock or before anything records; the probes by any thread."""

    @property
    def name(self) -> str:
        """What the recording says of the core that made it."""

    @property
    def registry(self) -> Registry:
        """What is known of each site."""

    @property
    def probes(self) -> Probes:
        """What rewritten code calls."""

    def start(self, folder: Folder) -> None:
        """Begin this process's part of the recording; again in the child of a fork."""

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder, for the stream of that number."""

    def captured(self, value: object) -> bytes:
        """Return a value as it is recorded."""


def events_limit(settings: Settings) -> int | None:
    """Return how many events a session may have before the rest are only counted."""
    return settings.max_events_per_session if settings.overflow == "stop" else None
