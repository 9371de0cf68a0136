"""The libraries by which a program logs and calls others, by the modules that are looked at."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rewind.config import SecretNames, Settings
from rewind.integrations import (
    aiohttp_client,
    aiosqlite,
    asyncpg,
    drivers,
    http_client,
    httpx,
    logs,
    psycopg,
    redis,
    sqlalchemy,
)
from rewind.integrations.beside import restore
from rewind.integrations.calls import Asking
from rewind.integrations.methods import forget_methods
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
    restore()
    forget_methods()


def _wanted(settings: Settings) -> dict[str, Meet]:
    names = SecretNames(settings.redacted_names)
    asking = Asking(names, settings.outgoing, propagates=settings.propagate)
    wanted: dict[str, Meet] = {}
    if settings.logs:
        wanted[logs.LOGGING] = logs.meet_logging
        wanted |= dict.fromkeys(logs.WARNINGS, logs.meet_warnings)
    if HTTP in settings.outgoing or settings.propagate:
        wanted[http_client.MODULE] = partial(http_client.meet, asking=asking)
        wanted[httpx.MODULE] = partial(httpx.meet, asking=asking)
        wanted[aiohttp_client.CLIENT] = partial(aiohttp_client.meet_client, asking=asking)
        wanted[aiohttp_client.REQUESTS] = partial(aiohttp_client.meet_requests, asking=asking)
    if SQL in settings.outgoing:
        wanted |= dict.fromkeys(psycopg.CURSORS, partial(psycopg.meet, asking=asking))
        named = partial(drivers.meet, asking=asking)
        wanted |= {drivers.SQLITE: named, drivers.PSYCOPG2: named}
        wanted |= dict.fromkeys(aiosqlite.CLASSES, partial(aiosqlite.meet, asking=asking))
        wanted |= dict.fromkeys(asyncpg.MODULES, partial(asyncpg.meet, asking=asking))
        wanted[sqlalchemy.MODULE] = partial(sqlalchemy.meet, asking=asking)
    if REDIS in settings.outgoing:
        wanted |= dict.fromkeys(redis.MODULES, partial(redis.meet, asking=asking))
    return wanted
