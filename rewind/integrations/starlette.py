"""Starlette and FastAPI: each request is a session, by the path of the route that it has matched.

`Starlette.__call__` is what servers and test clients call, outside of every middleware. FastAPI's
classes are children of Starlette's.
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, Final

from rewind.integrations.asgi import Receive, Scope, Send, respond, routed

_ROUTES: Final = ("Route", "WebSocketRoute")


def meet_applications(module: Any) -> None:  # noqa: ANN401 - Starlette's
    """Patch the class of applications, as soon as it is there."""
    application = getattr(module, "Starlette", None)
    if application is None:
        return
    theirs: Callable[..., Awaitable[None]] = application.__call__

    @wraps(theirs)
    async def call(self: object, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(partial(theirs, self), scope, receive, send)

    application.__call__ = call


def meet_routing(module: Any) -> None:  # noqa: ANN401 - Starlette's
    """Patch the classes of routes, as soon as they are there."""
    for name in _ROUTES:
        route = getattr(module, name, None)
        if route is not None:
            _patch_handle(route)


def _patch_handle(route: Any) -> None:  # noqa: ANN401 - Starlette's
    theirs: Callable[..., Awaitable[None]] = route.handle

    @wraps(theirs)
    async def handle(self: Any, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ANN401
        path = getattr(self, "path", None)
        if type(path) is str:
            routed(scope, f"{_mounted_at(scope)}{path}")
        await theirs(self, scope, receive, send)

    route.handle = handle


def _mounted_at(scope: Scope) -> str:
    """Return the path at which the route's application is mounted in the outermost one."""
    root = str(scope.get("root_path", ""))
    return root.removeprefix(str(scope.get("app_root_path", root)))
