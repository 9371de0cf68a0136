"""A request to a web application as a session: what every framework's and server's file shares.

A request that passes several of them (a server, a middleware, a framework, an application mounted
in another) is one session: the outermost begins it and leaves its mark in what they hand on.
"""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar, Token
from typing import Final

from rewind import sessions
from rewind.integrations import tracers
from rewind.integrations.traces import new_trace, trace_of

REQUEST: Final = "request"
"""The kind of these sessions."""
MARK: Final = "rewind.request"
"""Where the request lies in a WSGI `environ` and an ASGI `scope`."""

HEADER: Final = "X-Rewind-Session"
"""By which an answer tells its session, where `rewind.dev_routes` has asked for that."""

_current: ContextVar["Request | None"] = ContextVar("rewind_request", default=None)


class Request:
    """One request while it is answered. Used by whoever answers it, in one place at a time."""

    def __init__(self, method: str, path: str, traceparent: object = None) -> None:
        self._method = method
        told = trace_of(traceparent)
        self._is_told = told is not None
        """Whether who has sent the request said which trace it is part of."""
        active = tracers.active()
        self._is_traced = active is not None
        """Whether a tracer of the program's is known to be at work on it."""
        self._trace = told or active or new_trace()
        self.error: BaseException | None = None
        """What a framework has made an answer of."""
        self._over = False
        tags: dict[str, object] = {"method": method, "path": path, **self._trace.tags}
        self._session = sessions.begin(REQUEST, f"{method} {path}", tags, trace=self._trace)
        self._id = None if self._session is None else self._session[1].id
        if self._is_traced and self._id is not None:
            tracers.tell(self._id)
        self._token: Token[Request | None] | None = _current.set(self)

    @property
    def is_recorded(self) -> bool:
        """Whether anything is recorded of it."""
        return self._session is not None

    @property
    def shown(self) -> str | None:
        """The session's id, where answers are to tell it."""
        return self._session[1].id if _shows_sessions and self._session is not None else None

    @property
    def onward(self) -> str | None:
        """What a request that it leads to is to say of the trace; None where it is not recorded."""
        return None if self._id is None else self._trace.onward(self._id)

    def meet_tracer(self) -> None:
        """Take the trace of a tracer that is at work by now, as inside of a server or framework."""
        if self._is_traced or self._id is None:
            return
        active = tracers.active()
        if active is None:
            return
        self._is_traced = True
        tracers.tell(self._id)
        if not self._is_told:
            self._trace = active
            sessions.tag(self._session, active.tags)
            sessions.carry(self._session, active.onward(self._id))

    def learn(self, route: str | None = None, **tags: object) -> None:
        """Take note of the answer's `status`, of the `view` that gives it, and of the like.

        `route` is the one that it took, by which requests are told apart from now on.
        """
        self.meet_tracer()
        if route is None:
            sessions.tag(self._session, tags)
        else:
            sessions.tag(self._session, {"route": route, **tags}, f"{self._method} {route}")

    def follow(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """Return the parts of an answer one by one: for each the application goes on.

        What it asks of other services meanwhile is the session's and no more; see `onward`.
        """
        self._leave_context()
        return sessions.follow(self._session, body)

    def take_up(self) -> None:
        """Let the application go on with its answer, of which there are no more parts."""
        sessions.take_up(self._session)

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more happens for it. To be called once at least; what comes after is nothing."""
        if not self._over:
            self._over = True
            if self._token is not None:
                self._leave_context()
            sessions.end(self._session, error or self.error)
            # Its traceback holds frames.
            self.error = None

    def _leave_context(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            try:
                _current.reset(token)
            except ValueError:  # another context's: it goes with that
                return


_beginning: set[type] = set()
"""Classes of applications that begin their requests' sessions as they are called."""
_PASSING: Final = "fastapi.applications"
"""Has a class that calls Starlette's."""


def begins(kind: type) -> None:
    """Take note that this class's `__call__` begins requests by now."""
    _beginning.add(kind)


def begins_itself(application: object) -> bool:
    """Return whether a server has no need to begin an application's requests.

    The nearer to the application they begin, the more of what traces them is around them by then.
    """
    for kind in type(application).__mro__:
        if "__call__" in vars(kind) and kind.__module__ != _PASSING:
            return kind in _beginning
    return False


_shows_sessions = False


def show_sessions() -> None:
    """Have answers tell their sessions from now on."""
    global _shows_sessions  # noqa: PLW0603 - a process has it or has it not
    _shows_sessions = True


def failed(error: BaseException) -> None:
    """Take note that a framework makes an answer of an exception, for the request at work."""
    request = _current.get()
    if request is not None:
        request.error = error


def onward() -> str | None:
    """Return what a request to another service is to say of the trace that it belongs to here."""
    request = _current.get()
    if request is None:
        # In the rest of its answer, or on a thread or in a job that something has begun for it.
        return sessions.trace()
    request.meet_tracer()
    return request.onward


def routed(route: str, **tags: object) -> None:
    """Take note of the route that a framework has found, for the request at work."""
    request = _current.get()
    if request is not None:
        request.learn(route, **tags)
