"""`rewind.dev_routes`: a way from a service that is being worked on to its recording.

Nothing of it is there in production, nor where nothing is recorded. It leads to one place that the
program has named, and nowhere else: of what a request says, only a session's id is taken.
"""

import os
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final
from urllib.parse import quote, urlsplit

from rewind import sessions
from rewind.config.production import production_said_by
from rewind.errors import ConfigError
from rewind.integrations import requests, tracers

PATH: Final = "/dev/rewind"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_FOUND: Final = 302
_NOT_FOUND: Final = 404

Where = Callable[[str | None], str | None]
"""Returns the address that a session's id leads to; None where it is none."""


def dev_routes(app: Any, dashboard: str = tracers.DASHBOARD) -> None:  # noqa: ANN401 - a framework's
    """Add `/dev/rewind` to a Flask, Starlette or FastAPI application, or to Django's `urlpatterns`.

    It leads to this service's sessions in the dashboard that `rewind ui` has opened at the address
    `dashboard`; `/dev/rewind/ID` leads to a session. Each answer of the service gets the header
    `X-Rewind-Session` with its request's id. In production (as `production_enabled` has it) and
    where this process is not recorded nothing is added. Raises `ConfigError` for an address that is
    none of the web, and for an application of another kind.
    """
    if urlsplit(dashboard).scheme not in ("http", "https"):
        message = f"rewind.dev_routes(): {dashboard!r} is no http:// or https:// address"
        raise ConfigError(message)
    recording = sessions.recording()
    if recording is None or production_said_by(os.environ) is not None:
        return
    address = dashboard.rstrip("/")
    _adder(app)(app, _leading(address, recording))
    tracers.at_dashboard(address)
    requests.show_sessions()


def _leading(dashboard: str, recording: sessions.Recording) -> Where:
    # In quotes, which hold the words of a name together.
    service = recording.service
    words = f"recording:{recording.id}" if service is None else f'service:"{service}"'

    def where(session: str | None) -> str | None:
        if session is None:
            return f"{dashboard}/?q={quote(words, safe='')}"
        return f"{dashboard}/sessions/{session}" if _ID.fullmatch(session) else None

    return where


def _adder(app: Any) -> Callable[[Any, Where], None]:  # noqa: ANN401 - a framework's
    if isinstance(app, list):
        return _add_to_django
    if hasattr(app, "add_url_rule"):
        return _add_to_flask
    if hasattr(app, "add_route"):
        return _add_to_starlette
    message = (
        "rewind.dev_routes(): it is given a Flask, Starlette or FastAPI application or Django's"
        f" urlpatterns, not {type(app).__qualname__}"
    )
    raise ConfigError(message)


def _add_to_flask(app: Any, where: Where) -> None:  # noqa: ANN401 - Flask's
    def lead(session: str | None = None) -> Any:  # noqa: ANN401 - Flask's
        address = where(session)
        return ("", _NOT_FOUND) if address is None else ("", _FOUND, {"Location": address})

    app.add_url_rule(PATH, "rewind", lead)
    app.add_url_rule(f"{PATH}/<session>", "rewind", lead)


def _add_to_starlette(app: Any, where: Where) -> None:  # noqa: ANN401 - Starlette's
    make = import_module("starlette.responses").Response

    async def lead(request: Any) -> Any:  # noqa: ANN401 - Starlette's
        address = where(request.path_params.get("session"))
        if address is None:
            return make(status_code=_NOT_FOUND)
        return make(status_code=_FOUND, headers={"Location": address})

    app.add_route(PATH, lead, include_in_schema=False)
    app.add_route(f"{PATH}/{{session}}", lead, include_in_schema=False)


def _add_to_django(urlpatterns: list[Any], where: Where) -> None:
    make, path = import_module("django.http").HttpResponse, import_module("django.urls").path

    def lead(_: object, session: str | None = None) -> Any:  # noqa: ANN401 - Django's
        address = where(session)
        if address is None:
            return make(status=_NOT_FOUND)
        return make(status=_FOUND, headers={"Location": address})

    under = PATH.removeprefix("/")
    urlpatterns += [path(under, lead), path(f"{under}/<str:session>", lead)]
