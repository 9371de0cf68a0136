"""Starts the writer for a process that was switched on by its environment."""

import os
import sys
from pathlib import Path

from rewind.agent.detached import start_detached
from rewind.config import Settings


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
