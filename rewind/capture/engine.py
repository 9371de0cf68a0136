"""What captures for a `Core`: the engine in Python, or the native one, behind one face.

An engine has the probes and makes each thread's recorder; `Core` knows the process: its modules,
reports, threads and forks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from rewind.capture.greenlets import Greenlets
from rewind.capture.registry import Registry
from rewind.config import Settings
from rewind.model.sites import RunTable
from rewind.spool.stream import Folder

_T = TypeVar("_T")
# An engine is given back what it has made: no other looks inside of these.
Session = Any
_OwnStrand = Any
_OwnRecorder = Any
_OwnOpened = Any


class Strand(Protocol):
    """One line of execution."""

    session: Session | None
    """The session that runs."""
    held: bool
    """The session goes on when the stack is empty: something else says when it is over."""
    parent: Session | None
    """The session that started this strand."""

    @property
    def opened(self) -> "Opened | None":
        """What was begun by name on it last, of all that is on."""


class Opened(Protocol):
    """A session that was begun by name and is to be ended; see `rewind.capture.opened`."""

    before: Session | None
    """What the strand was at before."""
    held: bool
    """Whether that was held."""

    @property
    def id(self) -> str | None:
        """The session's id while it runs; None where sampling passed it over."""

    @property
    def session(self) -> Session | None:
        """The session; None once it is over."""

    @property
    def recorder(self) -> "Recorder":
        """That of the thread that it is on, or was on last."""

    @property
    def outer(self) -> "Opened | None":
        """The one that was begun on the strand before."""

    @property
    def is_on(self) -> bool:
        """Neither over nor set aside."""


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

    def begin(self, strand: _OwnStrand, facts: dict[str, object], /) -> object:
        """Begin a session on the strand. `facts` has kind, trigger, module and function."""

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

    def here(self, find: Callable[[], _OwnRecorder | None], /) -> Session | None:
        """Return the session that is recorded just here.

        `find` gives the running thread's recorder, if it has one.
        """

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

    def captured(self, value: object, /) -> bytes:
        """Return a value as it is recorded."""

    def statements(
        self,
        find: Callable[[], _OwnRecorder | None],
        first: Callable[[], int | None],
        /,
        *of_driver: Any,  # noqa: ANN401 - see `rewind.integrations.sql`
    ) -> object:
        """Return what tells of usual statements of SQL; None where nothing does.

        `find` is as for `here`, and `first` gives the site of statements.
        """

    # Sessions that somebody begins and ends by name

    def open(
        self,
        facts: dict[str, object],
        parent: Session | None,
        recorded: bool | None,  # noqa: FBT001 - three answers, and no name in the extension
        /,
    ) -> Opened | None:
        """Begin one on the strand that runs; None where nothing is recorded any more.

        `facts` has kind, trigger, module and function. Without a `parent` that is the session that
        the strand is at, or its creator; one that has none is recorded by `recorded`, or, where
        that is None, as sampling has it.
        """

    def set_aside(self, opened: _OwnOpened, /) -> None:
        """Let the strand go on with what it was at before, if it is on."""

    def take_up(self, opened: _OwnOpened, /) -> None:
        """Let it go on, on the strand that runs now, if it was set aside and is not over."""

    def follow(
        self, opened: _OwnOpened, parts: Iterable[_T], fault: Callable[[str, Exception], None], /
    ) -> Iterator[_T]:
        """Set it aside, and return the parts one by one: for each step it is taken up.

        So it is for `iter(parts)`, at the first. What a step raises is the program's; `fault` takes
        what is ours, with the name of what failed.
        """

    def end(self, opened: _OwnOpened, error: bytes | None, /) -> None:
        """End it, unless it is over; `error` is a captured exception, if one ended it."""

    def tag(self, opened: _OwnOpened, tags: Mapping[str, object], trigger: str | None, /) -> bool:
        """Tell these of it; False where not all is usual, so that somebody else has to."""


def events_limit(settings: Settings) -> int | None:
    """Return how many events a session may have before the rest are only counted."""
    return settings.max_events_per_session if settings.overflow == "stop" else None
