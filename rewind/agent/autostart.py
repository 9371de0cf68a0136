"""Switches Rewind on in a process whose environment says so; imported by `rewind.pth` at start-up.

In a service nobody looks at exit codes of ours: what is wrong is one warning on standard error, and
the program runs as if Rewind were not there.
"""

import json
import os
import sys
from pathlib import Path

from rewind.agent.wiring import Agent
from rewind.config import Settings, is_disabled, load
from rewind.errors import RewindError, SpoolError
from rewind.hook import Selection
from rewind.spool.process import start_ticks


def start() -> None:
    """Record this process if its environment asks for it."""
    try:
        joined = _joined()
        settings = load() if joined is None else _handed_over()
        if not settings.enabled:
            return
        folder = _own_recording(settings) if joined is None else joined
        _refuse_a_second_program(folder)
        agent = Agent(folder, settings, _selection(settings))
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


def _own_recording(settings: Settings) -> Path:
    # Only here: these imports are slow, and a process that joins does not need them.
    from rewind.agent.recording import make_recording  # noqa: PLC0415
    from rewind.agent.service import start_writer  # noqa: PLC0415

    folder = make_recording(settings, sys.orig_argv[1:])
    start_writer(folder, settings)
    # Processes that this one starts take part in its recording.
    os.environ["REWIND_RUN_FOLDER"] = str(folder)
    os.environ["REWIND_RUN_SETTINGS"] = settings.to_json()
    return folder


def _is_launcher(folder: Path) -> bool:
    """Whether this process is the one that `rewind run` turned into."""
    launcher: object = json.loads((folder / "recording.json").read_bytes())["launcher"]
    pid, ticks = _this_process()
    return launcher == {"pid": pid, "start_ticks": ticks}


def _refuse_a_second_program(folder: Path) -> None:
    """Raise `SpoolError` if this very process has recorded before: its streams have their names.

    That is so when a recorded program replaces itself by another (`os.execv`).
    """
    pid, ticks = _this_process()
    if any(folder.glob(f"{pid}-{ticks}-*.seg")) or (folder / f"{pid}-{ticks}.done").exists():
        message = f"process {pid} was recorded until it replaced itself by {sys.orig_argv[0]}"
        raise SpoolError(message)


def _this_process() -> tuple[int, int]:
    pid = os.getpid()
    return pid, start_ticks(pid)


def _selection(settings: Settings) -> Selection:
    return Selection(settings.include, settings.exclude, (), (os.getcwd(),))


start()
