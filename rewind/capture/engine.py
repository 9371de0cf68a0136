"""What captures for a `Core`: the engine in Python, or the native one, behind one face.

An engine has the probes and makes each thread's recorder; `Core` knows the process: its modules,
reports, threads and forks.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rewind.capture.greenlets import Greenlets
from rewind.capture.registry import Registry
from rewind.config import Settings
from rewind.model.sites import RunTable
from rewind.spool.stream import Folder

# An engine is given back what it has made: no other looks inside of these.
Session = Any
_OwnStrand = Any
_OwnRecorder = Any


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
        self,
        strand: _OwnStrand,
        facts: dict[str, object],
        parent: Session | None,
        recorded: bool | None = None,  # noqa: FBT001 - three answers, and no name in the extension
        /,
    ) -> object:
        """Begin a session on the strand. `facts` has kind, trigger, module and function.

        A session without a parent is recorded by `recorded`; None: as sampling has it.
        """

    def finish(self, strand: _OwnStrand, error: bytes | None, /) -> None:
        """End the strand's session; `error` is a captured exception, if one ended it."""

    def end(self, session: Session, error: bytes | None, /) -> None:
        """End a session that is no strand's any more."""

    def tell(self, session: Session, record: bytes, /) -> None:
        """Record what is no event and tells by its key which session it is about."""

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
        """Begin this process's part of the recording; again in the child of a fork.

        The main thread calls, which in a child is the one that has forked.
        """

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""

    def meet_greenlets(self, greenlets: Greenlets) -> None:
        """Tell greenlets apart from now on. `ValueError`: it cannot be by that library."""

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder, for the stream of that number."""

    def running(self, recorder: _OwnRecorder, /) -> Strand:
        """Return the strand that runs on the recorder's own thread, for a session to begin on.

        One is made for a task or greenlet that has none: `let_go` forgets it.
        """

    def known(self, recorder: _OwnRecorder, /) -> Strand:
        """Return that strand as far as it is known; one without a session, where none is."""

    def creator(self, recorder: _OwnRecorder, strand: _OwnStrand, /) -> Session | None:
        """Return the parent of a session that begins on a strand that has none."""

    def stand_in(self, id: str, *, recorded: bool) -> Session:  # noqa: A002 - as everywhere else
        """Return what stands for another's session as a parent, which may be of another process."""

    def let_go(self, recorder: _OwnRecorder, strand: _OwnStrand, /) -> None:
        """Forget the strand of a task or greenlet if nothing is open on it."""

    def note(self, site: int, name: object, value: object, /) -> None:
        """Record what the program says of itself; raises nothing of ours."""

    def say(self, site: int, value: object, /) -> None:
        """Record what the program says, as the site tells; raises nothing of ours."""

    def captured(self, value: object) -> bytes:
        """Return a value as it is recorded."""

    def details(self, key: int, tags: Mapping[str, object], trigger: str | None, /) -> bytes | None:
        """Return the record that tells these of the session with that key, where all is usual.

        None: somebody else has to write it.
        """


def events_limit(settings: Settings) -> int | None:
    """Return how many events a session may have before the rest are only counted."""
    return settings.max_events_per_session if settings.overflow == "stop" else None
