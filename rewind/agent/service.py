"""A recording of its own for a process that no `rewind run` has started, and its writer."""

import os
import sys
from pathlib import Path

from rewind.agent.detached import start_detached
from rewind.agent.recording import make_recording
from rewind.config import MEMORY, Settings


def own_recording(settings: Settings) -> Path:
    """Begin a recording and start what writes it; return its folder.

    Processes that this one starts take part in it. Raises `SpoolError`, `ConfigError` as
    `make_recording` does.
    """
    if settings.database == MEMORY:
        from rewind.spool.temporary import own_database  # noqa: PLC0415 - few need it

        settings = settings._replace(database=own_database())
    folder = make_recording(settings, sys.orig_argv[1:])
    start_writer(folder, settings)
    os.environ["REWIND_RUN_FOLDER"] = str(folder)
    os.environ["REWIND_RUN_SETTINGS"] = settings.to_json()
    return folder


def start_writer(folder: Path, settings: Settings) -> None:
    """Start `python -m rewind.writer` for a recording's folder. Returns at once."""
    start_detached(lambda: _become_writer(folder, settings), folder / "writer.log")


def _become_writer(folder: Path, settings: Settings) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REWIND_")}
    # By the environment: the address may hold a password, and command lines are public.
    environ["REWIND_DATABASE"] = settings.database
    # -P: a module of the program's folder must not stand in for one of ours.
    arguments = [sys.executable, "-P", "-m", "rewind.writer", str(folder)]
    os.execve(sys.executable, arguments, environ)
