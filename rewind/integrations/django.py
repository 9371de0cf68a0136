"""Django: each request is a session, by the route that has matched and the view that answers it.

The handlers' `__call__` is what servers call, outside of every middleware. An exception of which
Django makes an answer of 500 is the session's error.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial, wraps
from typing import Any

from rewind.integrations import asgi, requests, wsgi


def meet_wsgi(module: Any) -> None:  # noqa: ANN401 - Django's
    """Patch the handler that WSGI servers call."""
    theirs: Callable[..., Iterable[bytes]] = module.WSGIHandler.__call__

    @wraps(theirs)
    def call(
        self: object, environ: wsgi.Environ, start_response: wsgi.StartResponse
    ) -> Iterable[bytes]:
        return wsgi.respond(partial(theirs, self), environ, start_response)

    module.WSGIHandler.__call__ = call
    requests.begins(module.WSGIHandler)


def meet_asgi(module: Any) -> None:  # noqa: ANN401 - Django's
    """Patch the handler that ASGI servers call."""
    theirs: Callable[..., Awaitable[None]] = module.ASGIHandler.__call__

    @wraps(theirs)
    async def call(self: object, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await asgi.respond(partial(theirs, self), scope, receive, send)

    module.ASGIHandler.__call__ = call
    requests.begins(module.ASGIHandler)


def meet_resolving(module: Any) -> None:  # noqa: ANN401 - Django's
    """Patch what finds the view of a request."""
    theirs = module.BaseHandler.resolve_request

    @wraps(theirs)
    def resolve_request(self: object, request: object) -> Any:  # noqa: ANN401 - Django's
        match = theirs(self, request)
        route, view = getattr(match, "route", None), getattr(match, "_func_path", None)
        if type(route) is str:
            requests.routed(f"/{route}", **({"view": view} if type(view) is str else {}))
        return match

    module.BaseHandler.resolve_request = resolve_request


def meet_errors(module: Any) -> None:  # noqa: ANN401 - Django's
    """Patch what makes an answer of an exception that nobody has expected."""
    theirs = module.handle_uncaught_exception

    @wraps(theirs)
    def handle_uncaught_exception(request: object, resolver: object, exc_info: Any) -> Any:  # noqa: ANN401 - Django's
        requests.failed(exc_info[1])
        return theirs(request, resolver, exc_info)

    module.handle_uncaught_exception = handle_uncaught_exception
