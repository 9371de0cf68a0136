"""uvicorn: any application that it loads has a session for each request.

Frameworks that Rewind knows find that session begun. Of a WSGI application it is begun on the
thread that answers, inside of what makes an ASGI application of it.
"""

from functools import wraps
from typing import Any, Final

from rewind.integrations.asgi import asgi
from rewind.integrations.wsgi import wsgi

_BRIDGE: Final = "WSGIMiddleware"
"""How the names of classes end that make an ASGI application of a WSGI one: uvicorn's, a2wsgi's."""


def meet(module: Any) -> None:  # noqa: ANN401 - uvicorn's
    """Patch what loads the application."""
    theirs = module.Config.load

    @wraps(theirs)
    def load(self: Any) -> None:  # noqa: ANN401 - uvicorn's
        theirs(self)
        if self.interface != "wsgi":
            self.loaded_app = asgi(self.loaded_app)
            return
        bridge = self.loaded_app
        while bridge is not None and not type(bridge).__name__.endswith(_BRIDGE):
            bridge = getattr(bridge, "app", None)
        if bridge is not None:
            bridge.app = wsgi(bridge.app)

    module.Config.load = load
