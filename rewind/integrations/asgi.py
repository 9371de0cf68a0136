"""ASGI applications: one session for each HTTP request and each websocket, to its true end.

The session is that of the task in which the server calls the application, and ends when the call
does: when a streaming response has been sent, a websocket is closed, and what a framework does
after the response is done. Tasks and threads that the application or its framework begin meanwhile
have sessions of their own, whose parent it is.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, cast

from rewind.integrations import traces
from rewind.integrations.requests import HEADER, MARK, Request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_WEBSOCKET = "WEBSOCKET"
_TRACEPARENT: Final = traces.HEADER.encode()
_AT_HAND: Final = (list, tuple)
"""Headers in which to look runs no code of the program's, nor takes them away."""


def asgi(application: Application) -> Application:
    """Return an ASGI application that records each request to `application` as a session.

    The session's trigger is `GET /path`, or `WEBSOCKET /path`; its tags are `method`, `path`,
    `status`, and `route` where a framework that Rewind knows tells it. Where Rewind is off, or
    another part of it has begun the request's session already, the application is called and
    nothing more.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(application, scope, receive, send)

    return answer


async def respond(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request by the application, in a session."""
    kind = scope.get("type")
    request = None
    if kind in ("http", "websocket") and MARK not in scope:
        method = _WEBSOCKET if kind == "websocket" else str(scope.get("method", "GET"))
        request = Request(method, str(scope.get("path", "/")), _traceparent(scope))
        if not request.is_recorded:
            request.end()
            request = None
    if request is None:
        await application(scope, receive, send)
        return
    scope[MARK] = request
    try:
        await application(scope, receive, _noting(request, send))
    except BaseException as error:
        request.end(error)
        raise
    request.end()


def _traceparent(scope: Scope) -> str | None:
    headers = scope.get("headers")
    if type(headers) not in _AT_HAND:
        return None
    for name, value in cast("list[tuple[object, object]]", headers):
        if name == _TRACEPARENT and type(value) is bytes:
            return value.decode("latin-1")
    return None


def _noting(request: Request, send: Send) -> Send:
    """Return a way to send that takes note of the status."""

    async def send_noted(message: Message) -> None:
        status = message.get("status") if message.get("type") == "http.response.start" else None
        if isinstance(status, int):
            request.learn(status=int(status))
            shown = request.shown
            if shown is not None:
                told = (HEADER.lower().encode(), shown.encode())
                message = {**message, "headers": [*message.get("headers", ()), told]}
        await send(message)

    return send_noted


def routed(scope: Scope, route: str) -> None:
    """Take note of the route that a framework has found, for the request of that scope."""
    request = scope.get(MARK)
    if type(request) is Request:
        request.learn(route)
