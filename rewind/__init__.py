"""Rewind: a time-travel recorder and debugger for Python.

Importing this package imports nothing else: it happens in every recorded process. Public names
are loaded when they are first used.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "ConfigError": "rewind.errors",
    "FormatError": "rewind.errors",
    "RewindError": "rewind.errors",
    "Settings": "rewind.config",
    "StoreError": "rewind.errors",
}

__all__ = ["ConfigError", "FormatError", "RewindError", "Settings", "StoreError", "__version__"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
