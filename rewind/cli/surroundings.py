"""What a recording needs of the machine, looked at for `rewind doctor`; changes nothing."""

import os
import platform
import site
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from rewind.config import (
    EXPORT_SUFFIX,
    MEMORY,
    Resolution,
    Settings,
    production_said_by,
    without_password,
)
from rewind.errors import (
    ForeignDatabaseError,
    NewDatabaseError,
    OldDatabaseError,
    RewindError,
    StoreError,
)

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)
"""Versions of CPython that the test suites run on."""

_SQLITE = "sqlite:///"
_HOOK, _STARTS = (
    ("rewind.start", "rewind:")
    if sys.version_info >= (3, 15)
    else ("rewind.pth", "rewind.agent.autostart")
)
"""Its name, and what stands in it."""


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    is_well: bool
    """Whether recordings can be made as far as this goes."""
    text: str


def _well(name: str, text: str) -> Check:
    return Check(name, is_well=True, text=text)


def _ill(name: str, text: str) -> Check:
    return Check(name, is_well=False, text=text)


def checks(resolution: Resolution, core: str, no_output: str | None) -> Iterator[Check]:
    """Yield what was found.

    `core` names the capture core that would be used; `no_output` says why what programs print could
    not be recorded, if so.
    """
    found = resolution.settings
    yield _python()
    yield _well("core", f"{core}, as core = {found.core!r} says")
    yield _output(found, no_output)
    yield _start_up_hook()
    yield _settings(resolution)
    yield _database(found)
    yield _folder("spool", found.spool, "events wait there for the writer")
    cache = _folder("cache", found.cache, "compiled code is kept there")
    # Without it modules are compiled anew each time, and that is all.
    yield cache._replace(is_well=True)


def _python() -> Check:
    name = f"{platform.python_implementation()} {platform.python_version()}"
    version = sys.version_info[:2]
    if sys.implementation.name != "cpython" or not OLDEST <= version <= NEWEST:
        first, last = (".".join(map(str, each)) for each in (OLDEST, NEWEST))
        return _ill("python", f"{name} is not supported: CPython {first} to {last} is")
    return _well("python", f"{name} at {sys.executable}, supported")


def _output(found: Settings, missing: str | None) -> Check:
    if not found.output:
        return _well("output", "what a program prints is not recorded, as output = false says")
    # All else is recorded without it.
    said = "recorded" if missing is None else f"not recorded: {missing}"
    return _well("output", f"what a program prints is {said}")


def _start_up_hook() -> Check:
    folders = [*site.getsitepackages(), site.getusersitepackages()]
    for path in (Path(folder) / _HOOK for folder in folders):
        if _is_ours(path):
            return _well("start-up hook", f"{path}, for {sys.executable}")
    missing = f"{_HOOK} is in no site-packages folder of {sys.executable}"
    lost = "REWIND_ENABLED=1 and rewind run -- COMMAND record nothing; install Rewind there"
    # A script or module is recorded without it.
    return _well("start-up hook", f"not in place: {missing}: {lost}")


def _is_ours(path: Path) -> bool:
    try:
        return _STARTS in path.read_text("utf-8")
    except (OSError, ValueError):
        return False


def _settings(resolution: Resolution) -> Check:
    if resolution.origins.get("enabled") == "REWIND_DISABLE":
        return _ill("settings", "REWIND_DISABLE is set: nothing is recorded")
    given = [f"{name} ({origin})" for name, origin in sorted(resolution.origins.items())]
    said = production_said_by(os.environ)
    if said is not None and not resolution.settings.production_enabled:
        given.append(f"{said}, so services are not recorded (production_enabled)")
    if not given:
        return _well("settings", "all defaults; rewind config shows them")
    return _well("settings", f"{', '.join(given)}; the rest are defaults (rewind config)")


def _database(found: Settings) -> Check:
    if found.database == MEMORY:
        return _well("database", "in memory: gone when the run, and its dashboard, have ended")
    if found.database.endswith(EXPORT_SUFFIX):
        text = f"{found.database} is only read: what is recorded needs another database"
        return _ill("database", text)
    return _addressed_database(found.database)


def _addressed_database(url: str) -> Check:
    from rewind.store import UnreachableDatabaseError, open_store

    try:
        store = open_store(url, upgrade=False)
    except OldDatabaseError as error:
        return _old_database(url, error)
    except (ForeignDatabaseError, NewDatabaseError, UnreachableDatabaseError) as error:
        return _ill("database", str(error))
    except StoreError as error:
        return _new_database(url, error)
    except RewindError as error:
        return _ill("database", str(error))
    store.close()
    return _well("database", f"{store.url} can be used")


def _old_database(url: str, error: OldDatabaseError) -> Check:
    if not url.startswith(_SQLITE):
        return _ill("database", str(error))
    return _well(
        "database", f"{without_password(url)} is of an older Rewind: rewind run upgrades it"
    )


def _new_database(url: str, error: StoreError) -> Check:
    if not url.startswith(_SQLITE):
        return _well("database", f"{without_password(url)} is empty: rewind run prepares it")
    path = Path(url.removeprefix(_SQLITE))
    if path.exists():
        return _ill("database", str(error))
    made = _folder("database", path.parent, "")
    return (
        made._replace(text=f"{path} is not there yet: rewind run makes it")
        if made.is_well
        else made
    )


def _folder(name: str, folder: Path, use: str) -> Check:
    """Return whether a folder can be written, or made."""
    there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return _well(name, f"{folder}: {use}" + ("" if there == folder else ", not yet made"))
    why = "cannot be written" if there.is_dir() else "is no folder"
    return _ill(name, f"{folder}: {there} {why}")
