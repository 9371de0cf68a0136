"""gunicorn: any application that a worker loads has a session for each request.

Frameworks that Rewind knows find that session begun. Workers for ASGI are left to what they run.
"""

from functools import wraps
from typing import Any

from rewind.integrations.wsgi import wsgi


def meet(module: Any, kind: str) -> None:  # noqa: ANN401 - gunicorn's
    """Patch what loads the application of a kind of worker."""
    worker = getattr(module, kind)
    theirs = worker.load_wsgi

    @wraps(theirs)
    def load_wsgi(self: Any) -> None:  # noqa: ANN401 - gunicorn's
        theirs(self)
        self.wsgi = wsgi(self.wsgi)

    worker.load_wsgi = load_wsgi
