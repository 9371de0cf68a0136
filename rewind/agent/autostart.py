"""Switches Rewind on in a process whose environment says so; imported by the hook at start-up.

The hook is `rewind.pth`, or `rewind.start` from Python 3.15 on. In a service nobody looks at exit
codes of ours: what is wrong is one warning on standard error, and the program runs as if Rewind
were not there.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

from rewind.own_builtins import own_builtins

with own_builtins():
    from rewind.agent.beginning import selection_of
    from rewind.agent.wiring import Agent
    from rewind.config import Settings, is_disabled, load, refusal
    from rewind.errors import RewindError
    from rewind.model.events import Control
    from rewind.model.instrumentation import PROCESS_REPLACED
    from rewind.model.wire import pack
    from rewind.spool.process import start_ticks
    from rewind.spool.reader import segment_names
    from rewind.spool.stream import Folder


def start() -> None:
    """Record this process if its environment asks for it."""
    try:
        joined = _joined()
        settings = load() if joined is None else _handed_over()
        if not settings.enabled:
            return
        why = refusal(os.environ, enabled=settings.production_enabled or joined is not None)
        if why is not None:
            sys.stderr.write(f"rewind: not recording: {why}\n")
            return
        folder = joined
        if folder is None:
            # Only here: it imports what is slow, and a process that joins does not need.
            from rewind.agent.service import own_recording  # noqa: PLC0415

            folder = own_recording(settings)
        if _has_recorded(folder):
            return
        agent = Agent(folder, settings, selection_of(settings))
        agent.start(waits=joined is not None and _is_launcher(joined))
    except (RewindError, OSError) as error:
        sys.stderr.write(f"rewind: not recording: {error}\n")


def _joined() -> Path | None:
    """Return the recording that a parent process has begun, while its folder is there."""
    folder = os.environ.get("REWIND_RUN_FOLDER")
    if folder is None or is_disabled(os.environ) or not Path(folder).is_dir():
        return None
    return Path(folder)


def _handed_over() -> Settings:
    return Settings.from_json(os.environ["REWIND_RUN_SETTINGS"])


def _is_launcher(folder: Path) -> bool:
    """Whether this process is the one that `rewind run` turned into."""
    launcher: object = json.loads((folder / "recording.json").read_bytes())["launcher"]
    pid, ticks = _this_process()
    return launcher == {"pid": pid, "start_ticks": ticks}


def _has_recorded(folder: Path) -> bool:
    """Return whether this very process has recorded before: its streams have their names.

    That is so when a recorded program replaces itself by another (`os.execv`). It is told in the
    recording: standard error may by now be a pipe that somebody reads. It is so as well for each
    further interpreter of a recorded process.
    """
    pid, ticks = _this_process()
    own = [name for name in segment_names(folder) if name[:2] == (pid, ticks)]
    said = [name.sequence for name in own if name.stream == 0]
    if said and _is_main_interpreter():
        why = f"process {pid} was recorded until it replaced itself by this program"
        facts = {"what": PROCESS_REPLACED, "name": sys.orig_argv[0], "why": why, "line": None}
        record = pack([Control.REPORT, facts])
        # As small as can be, behind what the process has said so far.
        segment = Folder(folder, ticks, 0, sys.maxsize).create(0, max(said) + 1, 0, len(record))
        if segment is not None:
            segment.append(record)
            segment.close()
    return bool(own) or (folder / f"{pid}-{ticks}.done").exists()


def _is_main_interpreter() -> bool:
    try:
        interpreters = import_module("_interpreters")
    except ImportError:  # before Python 3.13
        interpreters = import_module("_xxsubinterpreters")
    return bool(interpreters.get_current() == interpreters.get_main())


def _this_process() -> tuple[int, int]:
    pid = os.getpid()
    return pid, start_ticks(pid)


start()
