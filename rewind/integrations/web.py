"""The web frameworks and servers whose requests are sessions by themselves, by their modules."""

from collections.abc import Callable, Mapping
from typing import Any

from rewind.integrations import aiohttp, django, flask, gunicorn, starlette, uvicorn


def frameworks() -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names."""
    return {
        aiohttp.HANDLING: aiohttp.meet_handling,
        aiohttp.ROUTING: aiohttp.meet_routing,
        django.WSGI: django.meet_wsgi,
        django.ASGI: django.meet_asgi,
        django.RESOLVING: django.meet_resolving,
        django.ERRORS: django.meet_errors,
        flask.MODULE: flask.meet,
        starlette.APPLICATIONS: starlette.meet_applications,
        starlette.ROUTING: starlette.meet_routing,
        **dict.fromkeys(gunicorn.WORKERS, gunicorn.meet),
        uvicorn.LOADING: uvicorn.meet,
    }
