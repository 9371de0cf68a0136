"""The last act of `rewind run`: a recording, its writer, and then the program in this process.

The program keeps the process's number, terminal and place in the job, so signals, Ctrl-C and the
exit status are its own. What it is told, it is told through three variables that
`rewind.agent.bootstrap` and `rewind.agent.autostart` take out again.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import NoReturn

import rewind
from rewind.agent.detached import start_detached
from rewind.agent.recording import make_recording
from rewind.cli.target import Target
from rewind.config import Settings

_SWITCHES = re.compile(
    r"-(?=.)(?P<letters>[^WXcm-]*)(?P<last>-check-hash-based-pycs|[WXcm]|)(?P<value>.*)", re.DOTALL
)
"""One word of an interpreter's command line before what it runs; `last` takes a value."""
_RUNNING = frozenset("cm")
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


def launch(settings: Settings, target: Target) -> NoReturn:
    """Record `target` in this very process. Does not return.

    Raises `SpoolError` if the recording cannot be made. A command that is not there ends the
    process with the shell's message and exit code.
    """
    if target.kind == "command":
        _check(target.name)
    folder = make_recording(settings, target.argv)
    _start_writer(folder, settings)
    handed_over = {"REWIND_RUN_FOLDER": str(folder), "REWIND_RUN_SETTINGS": settings.to_json()}
    if target.kind == "command":
        _execute_command(target, {**os.environ, **handed_over, "REWIND_ENABLED": "1"})
    handed_over["REWIND_RUN_TARGET"] = json.dumps({"kind": target.kind, "name": target.name})
    # The bootstrap starts the agent itself; the start-up hook must not be there first.
    environ = {name: value for name, value in os.environ.items() if name != "REWIND_ENABLED"}
    bootstrap = str(Path(rewind.__file__).with_name("agent") / "bootstrap.py")
    _execute_python([bootstrap, *target.arguments], {**environ, **handed_over})


def launch_plain(target: Target) -> NoReturn:
    """Run `target` without recording it: `REWIND_DISABLE` said so. Does not return."""
    if target.kind == "command":
        _check(target.name)
        _execute_command(target, os.environ)
    _execute_python(target.argv, os.environ)


def _start_writer(folder: Path, settings: Settings) -> None:
    start_detached(lambda: _write(folder, settings), folder / "writer.log")


def _write(folder: Path, settings: Settings) -> None:
    # Imported over there, while the program starts and runs.
    from rewind.store import Bounds
    from rewind.writer import WriterSettings, run
    from rewind.writer.leftovers import finish_aside

    finish_aside(settings.spool, settings.database)
    wanted = WriterSettings(
        settings.database,
        compression=settings.compression,
        bounds=Bounds.of(settings),
        keep=settings.keep,
        max_events_per_session=settings.max_events_per_session or 0,
        overflow=settings.overflow,
    )
    run(folder, wanted)


def _execute_python(arguments: list[str], environ: Mapping[str, str]) -> NoReturn:
    _flush()
    os.execve(sys.executable, [sys.executable, *switches(), *arguments], environ)


def switches(dropped: str = "x") -> list[str]:
    """Return the switches that this interpreter was given: `python -O -m rewind run`.

    As they were typed, as a program finds them in `sys.orig_argv`; what the environment says it
    will say again. Those of the letters in `dropped` are left out: `-x` skips the first line of the
    file that is run, which would be one of ours.
    """
    kept: list[str] = []
    words = iter(sys.orig_argv[1:])
    for word in words:
        found = _SWITCHES.fullmatch(word)
        if found is None:
            break
        letters = "".join(each for each in found["letters"] if each not in dropped)
        last, value = found["last"], found["value"]
        if last in _RUNNING:
            kept += [f"-{letters}"] if letters else []
            break
        if letters or last:
            kept.append(f"-{letters}{last}{value}")
        if last and not value:
            kept += islice(words, 1)
    return kept


def _execute_command(target: Target, environ: Mapping[str, str]) -> NoReturn:
    _flush()
    try:
        os.execvpe(target.name, [target.name, *target.arguments], environ)
    except OSError as error:
        _refuse(f"{target.name}: {error.strerror}", _NOT_EXECUTABLE)


def _check(command: str) -> None:
    if shutil.which(command) is not None:
        return
    if os.path.dirname(command) and os.path.exists(command):
        _refuse(f"{command}: Permission denied", _NOT_EXECUTABLE)
    _refuse(f"{command}: command not found", _NOT_FOUND)


def _refuse(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"rewind: {message}\n")
    sys.exit(code)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
