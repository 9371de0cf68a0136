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
    "ConfigError": "rewind.errors",
    "FormatError": "rewind.errors",
    "RewindError": "rewind.errors",
    "Settings": "rewind.config",
    "StoreError": "rewind.errors",
}

__all__ = [
    "ConfigError",
    "FormatError",
    "RewindError",
    "Settings",
    "StoreError",
    "__version__",
    "only",
    "skip",
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


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
