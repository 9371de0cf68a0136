"""The libraries by which a program logs and calls others, by the modules that are looked at."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from rewind.config import SecretNames, Settings
from rewind.integrations.calls import Asking
from rewind.integrations.late import late
from rewind.model.events import HTTP, REDIS, SQL

Meet = Callable[[Any], str | None]
"""Given the module; returns why what goes through it is not seen."""


def libraries(
    settings: Settings, report: Callable[[str, str, str], None]
) -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names.

    `report` is told what is not seen, of which module, and why.
    """

    def reporting(name: str, meet: Meet) -> Callable[[Any], None]:
        def met(module: Any) -> None:  # noqa: ANN401 - the library's
            why = meet(module)
            if why is not None:
                report("calls-missing", name, why)

        return met

    return {name: reporting(name, meet) for name, meet in _wanted(settings).items()}


def forget() -> None:
    """Leave all libraries as they were."""
    for name, what in (("beside", "restore"), ("methods", "forget_methods")):
        used = sys.modules.get(f"{__package__}.{name}")
        if used is not None:
            vars(used)[what]()


def _wanted(settings: Settings) -> dict[str, Meet]:
    names = SecretNames(settings.redacted_names)
    asking = Asking(names, settings.outgoing, propagates=settings.propagate)
    wanted: dict[str, Meet] = {}
    if settings.logs:
        wanted["logging"] = late("logs.meet_logging")
        warnings = late("logs.meet_warnings")
        # From 3.14 on the module's code is the second's.
        wanted |= {"warnings": warnings, "_py_warnings": warnings}
    if HTTP in settings.outgoing or settings.propagate:
        wanted["http.client"] = late("http_client.meet", asking)
        wanted["httpx._client"] = late("httpx.meet", asking)
        wanted["aiohttp.client"] = late("aiohttp_client.meet_client", asking)
        wanted["aiohttp.client_reqrep"] = late("aiohttp_client.meet_requests", asking)
    if SQL in settings.outgoing:
        servers = ("ServerCursor", "AsyncServerCursor")
        wanted |= {
            "psycopg.cursor": late("psycopg.meet", asking, "Cursor"),
            "psycopg.cursor_async": late("psycopg.meet", asking, "AsyncCursor"),
            # Both in one, before 3.3.
            "psycopg.server_cursor": late("psycopg.meet", asking, *servers),
            "psycopg._server_cursor": late("psycopg.meet", asking, servers[0]),
            "psycopg._server_cursor_async": late("psycopg.meet", asking, servers[1]),
        }
        wanted["psycopg2.extensions"] = late("drivers.meet_psycopg2", asking)
        wanted["sqlalchemy.engine.default"] = late("sqlalchemy.meet", asking)
        wanted["sqlite3.dbapi2"] = late("drivers.meet_sqlite", asking)
    if REDIS in settings.outgoing:
        wanted["redis.client"] = wanted["redis.asyncio.client"] = late("redis.meet", asking)
    return wanted
