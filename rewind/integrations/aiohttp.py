"""aiohttp's server: each request is a session, by the route that it has matched.

Each is handled in a task of its own, from the middlewares to the last byte of the answer, and a
websocket until it is closed.
"""

from functools import wraps
from typing import Any

from rewind.integrations import requests, traces


def meet_handling(module: Any) -> None:  # noqa: ANN401 - aiohttp's
    """Patch what handles a request, and what makes an answer of an exception."""
    handler = module.RequestHandler
    handle, error = handler._handle_request, handler.handle_error  # noqa: SLF001 - the way round it

    @wraps(handle)
    async def handle_request(self: object, request: Any, *rest: Any) -> Any:  # noqa: ANN401 - aiohttp's
        upgrade = str(request.headers.get("Upgrade", "")).lower()
        method = "WEBSOCKET" if upgrade == "websocket" else str(request.method)
        traceparent = request.headers.get(traces.HEADER)
        begun = requests.Request(method, str(request.path), traceparent)
        try:
            done = await handle(self, request, *rest)
        except BaseException as fault:
            begun.end(fault)
            raise
        status = getattr(done[0], "status", None) if type(done) is tuple else None
        if type(status) is int:
            begun.learn(status=status)
        begun.end()
        return done

    @wraps(error)
    def handle_error(
        self: object,
        request: object,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> Any:  # noqa: ANN401 - aiohttp's
        if exc is not None:
            requests.failed(exc)
        return error(self, request, status, exc, message)

    handler._handle_request, handler.handle_error = handle_request, handle_error  # noqa: SLF001 - see above


def meet_routing(module: Any) -> None:  # noqa: ANN401 - aiohttp's
    """Patch what finds a request's route."""
    theirs = module.UrlDispatcher.resolve

    @wraps(theirs)
    async def resolve(self: object, request: object) -> Any:  # noqa: ANN401 - aiohttp's
        match = await theirs(self, request)
        resource = getattr(getattr(match, "route", None), "resource", None)
        route = getattr(resource, "canonical", None)
        if type(route) is str:
            requests.routed(route)
        return match

    module.UrlDispatcher.resolve = resolve
