"""gunicorn: any application that a worker loads has a session for each request.

But for those of frameworks that begin it themselves. Workers for ASGI are left to what they run.
"""

from functools import wraps
from typing import Any, Final

from rewind.integrations.requests import begins_itself
from rewind.integrations.wsgi import wsgi

WORKERS: Final = {
    "gunicorn.workers.sync": "SyncWorker",
    "gunicorn.workers.gthread": "ThreadWorker",
    "gunicorn.workers.base_async": "AsyncWorker",
}
"""The classes that call WSGI applications, by their modules; gevent's and others are children."""


def meet(module: Any) -> None:  # noqa: ANN401 - gunicorn's
    """Patch what loads a worker's application."""
    worker = getattr(module, WORKERS[module.__name__])
    theirs = worker.load_wsgi

    @wraps(theirs)
    def load_wsgi(self: Any) -> None:  # noqa: ANN401 - gunicorn's
        theirs(self)
        if not begins_itself(self.wsgi):
            self.wsgi = wsgi(self.wsgi)

    worker.load_wsgi = load_wsgi
