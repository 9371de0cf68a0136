"""Flask: each request to an application is a session, by the rule that its path has matched.

`Flask.__call__` is what servers and test clients call, outside of every middleware. An exception of
which Flask makes an answer is the session's error.
"""

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

from rewind.integrations.requests import failed
from rewind.integrations.wsgi import Environ, StartResponse, respond


def meet(module: Any) -> None:  # noqa: ANN401 - Flask's
    """Patch the class in Flask's module, as soon as that is there."""
    application = getattr(module, "Flask", None)
    if isinstance(application, type) and application.__module__ == module.__name__:
        _patch_call(application)
        _patch_errors(application)


def _patch_call(application: Any) -> None:  # noqa: ANN401 - Flask's
    theirs: Callable[..., Iterable[bytes]] = application.__call__

    @wraps(theirs)
    def call(self: object, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return respond(partial(theirs, self), environ, start_response, _rule_of)

    application.__call__ = call


def _patch_errors(application: Any) -> None:  # noqa: ANN401 - Flask's
    theirs = application.handle_exception

    @wraps(theirs)
    def handle_exception(self: object, e: Exception) -> object:
        failed(e)
        return theirs(self, e)

    application.handle_exception = handle_exception


def _rule_of(environ: Environ) -> str | None:
    # Werkzeug leaves the request there, and Flask the rule in it.
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    text = getattr(rule, "rule", None)
    return text if type(text) is str else None
