"""What a program says of its own sessions: the public names that are called while it runs.

They speak to the capture core, if one records this process, and do nothing otherwise: until then
nothing but this module is imported. Nothing of Rewind's is raised here: a fault of ours is the
core's to report, or nobody's.
"""

from collections.abc import Callable, Iterable, Iterator
from sys import _getframe
from types import FrameType, TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")

SESSION: Final = "session"
"""The kind of a session that the program begins by name."""

_UNKNOWN: Final = ("", "")
_OWN_MODULES: Final = (__name__, "rewind.decorated")
_Own = Any


class PartOf(Protocol):
    """The trace that a session is part of, and others with it."""

    def sampled(self, rate: float, /) -> bool:
        """Return whether it is recorded, where that share of traces is."""

    def onward(self, session: str, /) -> str:
        """Return what requests that the session of that id leads to are to say of it."""


class Begun(Protocol):
    """A session that was begun, and is to be ended."""

    @property
    def id(self) -> str | None:
        """The session's id; None where sampling passed it over."""


class Sessions(Protocol):
    """What a capture core does with sessions; see `rewind.capture.sessions`."""

    @property
    def current(self) -> str | None:
        """The id of the session that is recorded just here."""

    @property
    def is_recorded(self) -> bool | None:
        """Whether one is."""

    @property
    def origin(self) -> str | None:
        """What stands for the session just here where work is done that it asks for."""

    @property
    def trace(self) -> str | None:
        """What a request that is made just here is to say of the trace that it belongs to."""

    def begin(
        self,
        kind: str,
        trigger: str,
        tags: dict[str, object],
        origin: object,
        trace: PartOf | None,
        function: tuple[str, str],
        /,
    ) -> Begun | None:
        """Begin a session, of the one for which `origin` stands; None: nothing is recorded."""

    def end(self, opened: _Own, error: BaseException | None, /) -> None:
        """End it, by `error` if there is one."""

    def set_aside(self, opened: _Own, /) -> None:
        """Let what was before it go on for a while."""

    def take_up(self, opened: _Own, /) -> None:
        """Let it go on, here."""

    def follow(self, opened: _Own, parts: Iterable[_T], /) -> Iterator[_T] | None:
        """Set it aside, and return the parts one by one, each step its own; None: it failed."""

    def carry(self, opened: _Own, trace: str, /) -> None:
        """Have requests that it leads to say that of their trace."""

    def tag(self, opened: _Own, tags: dict[str, object], trigger: str | None = None, /) -> None:
        """Add tags to it; and say what began it."""

    def note(self, name: object, value: object, /) -> None:
        """Record what the program says."""

    def say(self, kind: str, value: object, withheld: int, /) -> None:
        """Record what it logs or asks of others."""

    def statements(self, kind: str, /, *of_driver: _Own) -> object:
        """Return what tells of usual statements; None where nothing does."""

    def fault(self, name: str, error: Exception, /) -> None:
        """Report a fault of ours; raises what is not ours."""


Recorded = tuple[Sessions, Begun] | None
"""A session that was begun, with what it is recorded by; None where it is not."""

_Entered = tuple[Recorded, int]
"""A `with` that a `session` is in, and the `id()` of the frame that has entered it: threads and
tasks may all have the same `session`."""

_begun: dict[int, list[_Entered]] = {}
"""By `id()` of a `session`, one for each `with` that it is in. Not in itself: it may be a variable
of the program's, and is looked into then."""

_recorded: Sessions | None = None
"""Of the core that records this process, while it does."""


class Recording:
    """The recording that this process takes part in."""

    def __init__(self, id: str, service: str | None) -> None:  # noqa: A002 - as everywhere else
        self.id = id
        self.service = service


_recording: Recording | None = None
"""Where this process is recorded."""


def attach(sessions: Sessions | None, recording: Recording | None = None) -> None:
    """Speak to this core from now on; None: to nobody. The agent calls it."""
    global _recorded, _recording
    _recorded, _recording = sessions, recording


def recording() -> Recording | None:
    """Return the recording that this process takes part in, if it is recorded."""
    return _recording


class session:  # noqa: N801 - it is used as a function is
    """Record what happens inside as a session of its own, by a name and with tags.

        with rewind.session("import", file=path) as running:
            ...
            running.tag(rows=count)

        @rewind.session("nightly report")
        def report(): ...

    A tag is None, a boolean, a number or text; of anything else its type is kept. A tag with a
    secret name is withheld. On an exception the session's status is `error`, and it goes on. A
    session that is recorded around it becomes its parent. It takes what happens on its thread, and
    there in its asyncio task or greenlet alone.

    A decorated function stays what it is: a coroutine function, generator function or asynchronous
    generator function. A generator's session goes on only while the generator itself runs. Inside
    a `with` that a generator yields from, what its consumer does is the session's as well.
    """

    def __init__(self, name: str, /, **tags: object) -> None:
        self._name = name
        self._tags = tags

    @property
    def id(self) -> str | None:
        """The id of the session that runs; None where it is not recorded."""
        innermost = _innermost(self)
        return None if innermost is None else innermost[1].id

    def tag(self, **tags: object) -> None:
        """Add tags to the session that runs; one of the same name is replaced."""
        tag(_innermost(self), tags)

    def __enter__(self) -> Self:
        begun = begin(SESSION, self._name, self._tags, function=_calling())
        _begun.setdefault(id(self), []).append((begun, id(_getframe(1))))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        end(_left(_begun.get(id(self), []), _getframe(1)), error)

    # Not where it is left for the last time: another thread may be about to enter it.
    def __del__(self, forget: Callable[[int, None], object] = _begun.pop) -> None:
        forget(id(self), None)

    def __call__(self, function: _F) -> _F:
        """Return the function in a wrapper that begins a session with each call."""
        # Not above: a recorded process that needs no decorator waits for nothing slow.
        from rewind.decorated import decorated  # noqa: PLC0415

        return decorated(function, lambda: session(self._name, **self._tags))

    def set_aside(self) -> None:
        """Let what was recorded before go on for a while, as while a generator waits."""
        set_aside(_innermost(self))

    def take_up(self) -> None:
        """Go on, on the thread and in the task that run now."""
        take_up(_innermost(self))


def _calling() -> tuple[str, str]:
    """Return the function that has called who asks; nothing where that is one of these."""
    frame = _getframe(2)
    module = frame.f_globals.get("__name__")
    if type(module) is not str or module in _OWN_MODULES:
        return _UNKNOWN
    return module, frame.f_code.co_qualname


def _innermost(of: session) -> Recorded:
    # A copy, as other threads may come and go.
    entered = list(_begun.get(id(of), ()))
    if len(entered) > 1:
        return _meant(entered, _getframe(2))[0]
    return entered[0][0] if entered else None


def _left(entered: list[_Entered], frame: FrameType) -> Recorded:
    """Take out the `with` that the frame leaves."""
    # A copy, as other threads may come and go; and one of them may take out the same.
    while others := list(entered):
        left = others[0] if len(others) == 1 else _meant(others, frame)
        try:
            entered.remove(left)
        except ValueError:
            continue
        return left[0]
    return None


def _meant(entered: list[_Entered], frame: FrameType | None) -> _Entered:
    """Return the `with` that the frame is in, of at least one.

    Who is within a `with` has the frame that has entered it among its callers, on whatever thread
    and in whatever task; who has entered it by another's hand, as by an `ExitStack`, has not.
    """
    by_frame = {one[1]: one for one in entered}
    while frame is not None:
        found = by_frame.get(id(frame))
        if found is not None:
            return found
        frame = frame.f_back
    here = None if _recorded is None else _recorded.current
    last = entered[-1]
    return next((one for one in reversed(entered) if one[0] and one[0][1].id == here), last)


def origin() -> str | None:
    """Return what stands for the session just here, for work that it asks others to do."""
    return None if _recorded is None else _recorded.origin


def begin(
    kind: str,
    trigger: str,
    tags: dict[str, object],
    origin: object = None,
    trace: PartOf | None = None,
    function: tuple[str, str] = _UNKNOWN,
) -> Recorded:
    """Begin a session of a kind that integrations have, by what triggers it.

    `origin` is what `origin()` was where somebody has asked for it, if that is known. The `trace`
    decides whether it is recorded where no session is around it, chance where it is part of none;
    and is passed on as by `carry`. `function` is that in which it begins, by module and qualified
    name.
    """
    sessions = _recorded
    if sessions is None:
        return None
    begun = sessions.begin(kind, trigger, tags, origin, trace, function)
    return None if begun is None else (sessions, begun)


def end(recorded: Recorded, error: BaseException | None) -> None:
    """End it, by `error` if there is one; an orderly exit and a closed generator are none."""
    if recorded is None:
        return
    sessions, begun = recorded
    sessions.end(begun, error)


def trace() -> str | None:
    """Return the `traceparent` of a request that is made just here; None where it has none."""
    return None if _recorded is None else _recorded.trace


def carry(recorded: Recorded, trace: str) -> None:
    """Have requests say that which it leads to, by whatever threads, pools and queues."""
    if recorded is not None:
        recorded[0].carry(recorded[1], trace)


def tag(recorded: Recorded, tags: dict[str, object], trigger: str | None = None) -> None:
    """Add tags to it; and say what triggered it, where that is known by now only."""
    if recorded is not None:
        recorded[0].tag(recorded[1], tags, trigger)


def set_aside(recorded: Recorded) -> None:
    """Let what was recorded before go on for a while."""
    if recorded is not None:
        recorded[0].set_aside(recorded[1])


def take_up(recorded: Recorded) -> None:
    """Let it go on, on the thread and in the task that run now."""
    if recorded is not None:
        recorded[0].take_up(recorded[1])


def follow(recorded: Recorded, parts: Iterable[_T]) -> Iterator[_T]:
    """Set it aside, and return the parts one by one: it goes on for each step."""
    followed = None if recorded is None else recorded[0].follow(recorded[1], parts)
    return iter(parts) if followed is None else followed


class CurrentSession:
    """The session that is recorded just now, for who wants to tell of it elsewhere."""

    def __init__(self, id: str) -> None:  # noqa: A002 - as everywhere else
        self.id = id
        """Its id: `rewind show` and the dashboard find it by that."""

    def __repr__(self) -> str:
        return f"CurrentSession({self.id!r})"


def current_session() -> CurrentSession | None:
    """Return the session that is recorded where this is called; None where none is.

    Only what has begun is known: a function that is recorded, `rewind run`, or `rewind.session`.
    """
    current = None if _recorded is None else _recorded.current
    return None if current is None else CurrentSession(current)


def note(name: str, value: object) -> None:
    """Record a value under a name, as an event of the session that runs, at this moment.

    It is looked at as all values are, and withheld where the name is secret. Outside of any
    session, and where Rewind is off, it does nothing.
    """
    if _recorded is not None:
        _recorded.note(name, value)


def is_recorded() -> bool:
    """Return whether a session is recorded just here, for who has something to say of it."""
    return _recorded is not None and bool(_recorded.is_recorded)


def say(kind: str, value: dict[str, object], withheld: int = 0) -> None:
    """Record what the program logs or asks of others, as an event of that kind at this moment.

    Outside of a session that is recorded it does nothing. `withheld` secrets were left out before.
    """
    if _recorded is not None:
        _recorded.say(kind, value, withheld)


def statements(kind: str, *of_driver: _Own) -> object:
    """Return what tells of usual statements of a driver; None: nothing is quicker than `say`."""
    return None if _recorded is None else _recorded.statements(kind, *of_driver)


def fault(name: str, error: Exception) -> None:
    """Report a fault of an integration, if it is one of ours; raises what is not."""
    if _recorded is not None:
        _recorded.fault(name, error)
