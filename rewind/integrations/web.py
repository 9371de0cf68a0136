"""The web frameworks and servers whose requests are sessions by themselves, by their modules."""

from collections.abc import Callable, Mapping
from typing import Any

from rewind.integrations.late import late


def frameworks() -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names."""
    return {
        "aiohttp.web_protocol": late("aiohttp.meet_handling"),
        "aiohttp.web_urldispatcher": late("aiohttp.meet_routing"),
        "django.core.handlers.asgi": late("django.meet_asgi"),
        "django.core.handlers.base": late("django.meet_resolving"),
        "django.core.handlers.exception": late("django.meet_errors"),
        "django.core.handlers.wsgi": late("django.meet_wsgi"),
        "flask.app": late("flask.meet"),
        # What calls WSGI applications: workers of gevent and others are children of these.
        "gunicorn.workers.base_async": late("gunicorn.meet", "AsyncWorker"),
        "gunicorn.workers.gthread": late("gunicorn.meet", "ThreadWorker"),
        "gunicorn.workers.sync": late("gunicorn.meet", "SyncWorker"),
        "starlette.applications": late("starlette.meet_applications"),
        "starlette.routing": late("starlette.meet_routing"),
        "uvicorn.config": late("uvicorn.meet"),
    }
