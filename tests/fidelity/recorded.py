"""A command under Rewind, with proof that it was recorded.

Everything that Rewind writes goes into one folder, which is gone afterwards: what is kept is what
the recording says of itself.
"""

import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rewind.hook import Selection
from tests.fidelity.processes import Command, run

_EVENTS_KEPT: Final = 20_000
"""Of one session: all are captured and go through the spool, the oldest are then given up."""
_SESSIONS_KEPT: Final = 500
_SPOOL_BYTES: Final = 2 << 30
_FAULTS: Final = ("module-failed", "probe-fault")
_DRAINED_S: Final = 600
"""How long the writer may need after the last recorded process ended."""


@dataclass
class Recording:
    """What a recording says of itself."""

    core: str = ""
    """The capture core that was used: native or python."""
    events: int = 0
    lost: int = 0
    """Events that were captured while the spool was full."""
    modules: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    """Modules and probes that Rewind failed at: these are bugs."""
    held_back: list[str] = field(default_factory=list)
    """What else it reports: modules and constructs that stayed plain, and why."""

    def doubts(self, selection: Selection, loaded: Iterable[str]) -> list[str]:
        """Return why the run proves nothing, given the modules that it had loaded."""
        due = {name for name in loaded if not selection.refuses(name)}
        doubts = [f"not recorded: {name}" for name in sorted(due - self.modules)]
        if not due:
            doubts.append("no module was loaded that should have been recorded")
        if not self.events:
            doubts.append("no event was recorded")
        return doubts + self.faults


def run_recorded(
    command: Command, selection: Selection, scratch: Path, core: str = "auto"
) -> tuple[int, Recording]:
    """Run a command with Rewind on; return its exit status and what was recorded.

    The command's Python needs Rewind's start-up hook. `scratch` is a folder that is not there yet.
    """
    scratch.mkdir()
    try:
        words = [sys.executable, "-P", "-m", "rewind", "run", "--", *command.words]
        environ = {**command.environ, **_settings(selection, scratch), "REWIND_CORE": core}
        status = run(command._replace(words=words, environ=environ))
        _await_writer(scratch / "spool")
        return status, _read(scratch / "rewind.db")
    finally:
        shutil.rmtree(scratch)


def _settings(selection: Selection, scratch: Path) -> dict[str, str]:
    return {
        "REWIND_INCLUDE": ",".join(selection.include),
        "REWIND_EXCLUDE": ",".join(selection.exclude),
        "REWIND_DATABASE": f"sqlite:///{scratch}/rewind.db",
        "REWIND_SPOOL": str(scratch / "spool"),
        "REWIND_CACHE": str(scratch / "cache"),
        "REWIND_MAX_EVENTS_PER_SESSION": str(_EVENTS_KEPT),
        "REWIND_MAX_SESSIONS": str(_SESSIONS_KEPT),
        "REWIND_SPOOL_MAX_BYTES": str(_SPOOL_BYTES),
    }


def _await_writer(spool: Path) -> None:
    """Wait until the writer has removed the recording's folder: it does so last."""
    until = time.monotonic() + _DRAINED_S
    while any(each.is_dir() for each in spool.glob("*")) and time.monotonic() < until:
        time.sleep(0.1)


def _read(database: Path) -> Recording:
    if not database.exists():
        return Recording()
    with closing(sqlite3.connect(database)) as connection:
        [(events, lost)] = connection.execute(
            "SELECT coalesce(sum(events), 0), coalesce(sum(dropped), 0) FROM processes"
        )
        [(lost_in_sessions,)] = connection.execute("SELECT coalesce(sum(dropped), 0) FROM sessions")
        cores = {core for (core,) in connection.execute("SELECT DISTINCT core FROM processes")}
        modules = {name for (name,) in connection.execute("SELECT name FROM modules")}
        reports = list(connection.execute("SELECT what, name, why, line FROM reports"))
    told = {
        f"{what}: {name}: {why}" + (f" (line {line})" if line else "")
        for what, name, why, line in reports
    }
    faults = {one for one in told if one.startswith(_FAULTS)}
    return Recording(
        "/".join(sorted(cores - {None})),
        events,
        lost + lost_in_sessions,
        modules,
        sorted(faults),
        sorted(told - faults),
    )
