"""Rewritten code runs: its probes look, bound, redact and write, and touch nothing.

`create_core` chooses the engine that captures: the native one wherever it was built.
"""

import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from rewind.capture.core import Core
from rewind.capture.engine import Engine, Fault, RecorderOfThread
from rewind.config import Settings
from rewind.errors import ConfigError

__all__ = ["Core", "core_name", "create_core", "why_not_native"]

_MakeEngine = Callable[[Settings, RecorderOfThread, Fault], Engine]


def create_core(folder: Path, settings: Settings, facts: dict[str, object]) -> Core:
    """Return the capture core that the settings ask for, writing to a recording's folder.

    `facts` describe the process (`docs/format.md`, control record -16). Raises `OSError` where
    the folder cannot be used, `ConfigError` where the native core was asked for and is not there.
    """
    if core_name(settings) == "native":
        return Core(folder, settings, facts, _native_engine())
    core = Core(folder, settings, facts, _python_engine())
    if settings.core == "auto":
        why = (
            f"{why_not_native()}; the Python core records, which takes several times as long and"
            " does not see what the program prints"
        )
        core.report("core-missing", "native core", why)
    return core


def core_name(settings: Settings) -> str:
    """Return the name of the core that captures under these settings.

    Raises `ConfigError` where the native core was asked for and is not there.
    """
    if settings.core == "python":
        return "python"
    missing = why_not_native()
    if missing is not None and settings.core == "native":
        message = f"core = native: {missing}; use core = auto, or install Rewind where it is built"
        raise ConfigError(message)
    return "native" if missing is None else "python"


def why_not_native() -> str | None:
    """Return why the native core cannot capture in this interpreter; None: it can."""
    if sys.implementation.name != "cpython":
        return f"the native core knows CPython only, and this is {sys.implementation.name}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "the native core needs the interpreter's lock, and this is a free-threaded build"
    try:
        _native_engine()
    except ImportError as error:
        return f"the native core is not there ({error})"
    return None


# Imported when chosen: a program pays for one engine only.


def _native_engine() -> _MakeEngine:
    from rewind.capture.native_engine import NativeEngine  # noqa: PLC0415

    return NativeEngine


def _python_engine() -> _MakeEngine:
    from rewind.capture.python_engine import PythonEngine  # noqa: PLC0415

    return PythonEngine
