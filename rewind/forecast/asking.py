"""Asks a child interpreter for a forecast, and reads its answer."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from rewind.config import Settings
from rewind.errors import ForecastError
from rewind.forecast.said import Forecast, Start, Unseen
from rewind.model.instrumentation import Gap, ModuleReport

_CHILD = str(Path(__file__).with_name("child.py"))

Progress = Callable[[int, str], None]
"""Told how many modules were looked at, and the one at hand."""


def ask(
    settings: Settings,
    target: tuple[str, str] | None,
    switches: Sequence[str],
    progress: Progress,
) -> Forecast:
    """Return what would be recorded of a target: `("script" | "module", name)`, or None for all.

    `switches` are the interpreter's. Nothing of the program runs. Raises `ForecastError` where
    the child interpreter does not answer.
    """
    named = None if target is None else {"kind": target[0], "name": target[1]}
    question = json.dumps({"settings": settings.to_json(), "target": named})
    read, write = os.pipe()
    with TemporaryFile("w+") as stdin, TemporaryFile("w+") as stderr:
        # Files and no pipes: whoever writes more than a pipe holds would wait for ever.
        stdin.write(question)
        stdin.seek(0)
        with subprocess.Popen(
            [sys.executable, *switches, _CHILD, str(write)],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=(write,),
            # The start-up hook must not begin a recording.
            env={name: text for name, text in os.environ.items() if name != "REWIND_ENABLED"},
        ):
            os.close(write)
            found = _read(read, progress)
        if found is None:
            stderr.seek(0)
            last = (stderr.read().strip().splitlines() or ["it said nothing"])[-1]
            message = f"the interpreter that looks ahead has ended early: {last}"
            raise ForecastError(message)
    return found


def _read(pipe: int, progress: Progress) -> Forecast | None:
    with os.fdopen(pipe) as lines:
        for line in lines:
            said = json.loads(line)
            if "looked_at" not in said:
                return _forecast(said)
            progress(said["looked_at"], said["name"])
    return None


def _forecast(said: dict[str, Any]) -> Forecast:
    return Forecast(
        None if said["start"] is None else Start(*said["start"]),
        tuple(_report(each) for each in said["modules"]),
        tuple(said["uncovered"]),
        tuple(Unseen(*each) for each in said["unseen"]),
        said["core"],
        said["no_output"],
    )


def _report(fields: Sequence[Any]) -> ModuleReport:
    name, path, status, why, gaps = fields
    return ModuleReport(name, path, status, why, tuple(Gap(*each) for each in gaps))
