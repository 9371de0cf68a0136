"""Rewind: a time-travel recorder and debugger for Python.

Importing this package imports nothing else: it happens in every recorded process. Public names
are loaded when they are first used.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` is not imported for this alone
    from typing import TypeVar

    T = TypeVar("T")

__version__ = "0.1.0"

_HOMES = {
    "CurrentSession": "rewind.sessions",
    "ConfigError": "rewind.errors",
    "FormatError": "rewind.errors",
    "RewindError": "rewind.errors",
    "Settings": "rewind.config",
    "StartError": "rewind.errors",
    "StoreError": "rewind.errors",
    "asgi": "rewind.integrations.asgi",
    "current_session": "rewind.sessions",
    "dev_routes": "rewind.integrations.dev",
    "note": "rewind.sessions",
    "session": "rewind.sessions",
    "start": "rewind.agent.starting",
    "stop": "rewind.agent.starting",
    "wsgi": "rewind.integrations.wsgi",
}

__all__ = [
    "ConfigError",
    "CurrentSession",
    "FormatError",
    "RewindError",
    "Settings",
    "StartError",
    "StoreError",
    "__version__",
    "asgi",
    "current_session",
    "dev_routes",
    "note",
    "only",
    "session",
    "skip",
    "start",
    "stop",
    "wsgi",
]


def skip(target: "T") -> "T":
    """Leave the decorated function or class out of every recording, with all inside it.

    It is returned as it is. Rewind reads the decorator in the source, so it must stand there as
    `rewind.skip`, under the name that an `import` of the module gives it.
    """
    return target


def only(target: "T") -> "T":
    """Record of its module nothing but what is decorated so, and what is inside it.

    It is returned as it is, and read in the source as `skip` is.
    """
    return target


def _start_up() -> None:
    """Record this process if its environment asks for it.

    Python 3.15 and later call it at each start, as `rewind.start` says (PEP 829); `rewind.pth` does
    the same for those before.
    """
    import os

    if not os.environ.get("REWIND_ENABLED"):
        return
    try:
        import_module("rewind.agent.autostart")
    except Exception as error:  # noqa: BLE001 - the program starts, whatever became of the package
        import sys

        sys.stderr.write(f"rewind: not recording: {error!r}\n")


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = globals()[name] = getattr(import_module(home), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
