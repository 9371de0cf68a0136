"""WSGI applications (PEP 3333): one session for each request, to the end of its response.

An application is wrapped by `rewind.wsgi`, or where a framework's or server's own file does so. A
response of which no more code runs, as a list is, is handed on as it is; of another one the steps
are the request's, and what the server does between them is not.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from rewind.integrations import traces
from rewind.integrations.requests import HEADER, MARK, Request

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Any, Any], Iterable[bytes]]

_AT_HAND: Final = (list, tuple)
_TRACEPARENT: Final = f"HTTP_{traces.HEADER.upper()}"


def wsgi(application: Application) -> Application:
    """Return a WSGI application that records each request to `application` as a session.

    The session's trigger is `GET /path`; its tags are `method`, `path`, `status`, and `route` where
    a framework that Rewind knows tells it. It ends when the server closes the response. Where
    Rewind is off, or another part of it has begun the request's session already, the application is
    called and nothing more.
    """

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return respond(application, environ, start_response)

    return answer


def respond(
    application: Application,
    environ: Environ,
    start_response: StartResponse,
    route_of: Callable[[Environ], str | None] = lambda _: None,
) -> Iterable[bytes]:
    """Answer a request by the application, in a session.

    `route_of` is asked as the response starts.
    """
    outer = environ.get(MARK)
    if type(outer) is Request:
        return application(environ, _noting(outer, environ, start_response, route_of))
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}" or "/"
    method, traceparent = str(environ.get("REQUEST_METHOD", "GET")), environ.get(_TRACEPARENT)
    request = Request(method, path, traceparent)
    if not request.is_recorded:
        request.end()
        return application(environ, start_response)
    environ[MARK] = request
    try:
        body = application(environ, _noting(request, environ, start_response, route_of))
    except BaseException as error:
        request.end(error)
        raise
    return _answered(body, environ, request)


def _noting(
    request: Request,
    environ: Environ,
    start_response: StartResponse,
    route_of: Callable[[Environ], str | None],
) -> StartResponse:
    """Return a way to start the response that takes note of its status and route."""

    def start(status: str, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - the server's
        number, route = str(status)[:3], route_of(environ)
        request.learn(route, **({"status": int(number)} if number.isdecimal() else {}))
        return start_response(status, *_telling(request, arguments), **keywords)

    return start


def _telling(request: Request, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an answer's headers and what follows, the session told where that is wanted."""
    shown = request.shown
    if shown is None or not arguments or type(arguments[0]) is not list:
        return arguments
    headers, *rest = arguments
    told = (HEADER, shown)
    return ([*headers, told] if told not in headers else headers, *rest)


def _answered(body: Iterable[bytes], environ: Environ, request: Request) -> Iterable[bytes]:
    if type(body) in _AT_HAND or type(body) is environ.get("wsgi.file_wrapper"):
        # Servers look at a list's length, and send a file in their own way.
        request.end()
        return body
    return (_SizedBody if hasattr(type(body), "__len__") else _Body)(body, request)


class _Body:
    """A response's body. Used by one thread at a time; the server's `close` ends the session."""

    def __init__(self, body: Iterable[bytes], request: Request) -> None:
        self._body = body
        self._request = request
        self._steps = request.follow(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._steps)
        except StopIteration:
            raise
        except BaseException as error:
            self._request.error = error
            raise

    def close(self) -> None:
        """End the response, as the server must where it has all of it, and where it gives up."""
        close = getattr(self._body, "close", None)
        self._request.take_up()
        try:
            if close is not None:
                close()
        except BaseException as error:
            self._request.end(error)
            raise
        self._request.end()

    def __del__(self) -> None:
        # A server that closes nothing.
        self._request.end()


class _SizedBody(_Body):
    """One whose number of parts is known: servers may tell the response's length by it."""

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type] # it has one
