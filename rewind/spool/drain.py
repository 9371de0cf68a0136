"""Waiting until what this process published is stored, and saying what came of it.

The last thing a recorded process does under `rewind run`. It watches two files of the writer's and
asks nobody; when the writer is gone it stops waiting, as the spool keeps what was published.
"""

import json
import os
from pathlib import Path
from time import sleep
from typing import Final, TextIO

from rewind.model.clock import monotonic
from rewind.spool.lock import had_writer, has_writer
from rewind.spool.process import start_ticks

_POLL_S: Final = 0.004
_SLOWEST_POLL_S: Final = 0.03
_SLOWER: Final = 1.1
"""How much longer each pause is: a tenth of the whole wait is what the last one may be too long."""
_PATIENCE_S: Final = 1.0
"""How long to wait before saying that there is something to wait for."""
_THOUSAND: Final = 1000
_SECOND_NS: Final = 1_000_000_000
_IN_DATABASE: Final = "open it: rewind show last, or rewind ui"
_IN_MEMORY: Final = (
    "it was kept in memory, and is gone with the dashboard that shows it, if one does"
)
_NOTHING: Final = (
    "none of the modules that ran are recorded by these settings: "
    "`rewind doctor PROGRAM` tells which are, `--include` chooses"
)
_NOT_KEPT: Final = "nothing of it was kept: `keep` and the bounds of the database say what is"
_GIVEN_UP_S: Final = 10.0
"""How long a writer may take to come up and lock its file: it imports SQLAlchemy before that."""


class Drain:
    """The end of one process's recording. Used by its last thread; ends by itself or by Ctrl-C."""

    def __init__(
        self, folder: Path, events: int, probe_ns: int, ran_ns: int, *, has_probes: bool
    ) -> None:
        """`has_probes`: whether any of the modules that ran is recorded."""
        self._has_probes = has_probes
        self._folder = folder
        self._events = events
        self._probe_ns = probe_ns
        self._ran_ns = ran_ns
        self._done = folder / f"{os.getpid()}-{start_ticks(os.getpid())}.done"
        self._began = monotonic()
        self._said = 0.0

    def wait(self, terminal: TextIO) -> None:
        """Wait for the writer, showing progress, and write the summary to `terminal`."""
        try:
            summary = self._summary(terminal)
        except KeyboardInterrupt:
            _say(terminal, "not waiting: the writer goes on storing in the background")
            return
        if summary is None and not self._folder.exists():
            _say(terminal, f"not recorded whole: {self._folder} is gone")
        elif summary is None:
            where = f"the events wait in {self._folder}; the next rewind command stores them"
            _say(terminal, f"the writer has ended early: {where}")
        elif "error" in summary:
            _say(terminal, f"not stored: {summary['error']}")
        else:
            _say(terminal, self._text(summary))

    def _summary(self, terminal: TextIO) -> dict[str, object] | None:
        pause = _POLL_S
        while True:
            # The writer removes the drained folder last: the file may be gone with it.
            finished = self._read()
            if finished is not None:
                return finished
            if not self._writer_lives():
                return self._read()
            self._progress(terminal)
            sleep(pause)
            pause = min(pause * _SLOWER, _SLOWEST_POLL_S)

    def _read(self) -> dict[str, object] | None:
        try:
            found: dict[str, object] = json.loads(self._done.read_bytes())
        except (OSError, ValueError):
            return None
        return found

    def _writer_lives(self) -> bool:
        folder = str(self._folder)
        if not self._folder.exists():
            return False
        if monotonic() - self._began < _GIVEN_UP_S and not had_writer(folder):
            return True
        return has_writer(folder)

    def _progress(self, terminal: TextIO) -> None:
        now = monotonic()
        shown = terminal.isatty()
        if now - self._began < _PATIENCE_S or now - self._said < (0.2 if shown else 5.0):
            return
        self._said = now
        stored = self._stored()
        text = f"rewind: storing {stored:,} of {self._events:,} events"
        terminal.write(f"\r{text}\x1b[K" if shown else text + "\n")
        terminal.flush()

    def _stored(self) -> int:
        try:
            return int(json.loads((self._folder / "progress.json").read_bytes())["events"])
        except (OSError, ValueError, KeyError):
            return 0

    def _text(self, summary: dict[str, object]) -> str:
        sessions, events = _number(summary, "sessions"), _number(summary, "events")
        parts = [
            _counted(sessions, "session"),
            _counted(events, "event"),
            f"{_bytes(_number(summary, 'bytes'))} stored",
        ]
        parts += [
            f"{_number(summary, key):,} {key}"
            for key in ("dropped", "redacted")
            if summary.get(key)
        ]
        lines = [", ".join(parts), self._cost()]
        lines += [f"not recorded whole: {line}" for line in _reports(summary)]
        if not self._has_probes:
            lines.append(_NOTHING)
        if sessions:
            lines.append(_IN_MEMORY if summary.get("temporary") else _IN_DATABASE)
        elif self._events:
            lines.append(_NOT_KEPT)
        return "\n".join(lines)

    def _cost(self) -> str:
        ran = max(self._ran_ns, 1)
        # A sample of the probes is timed: the whole of them may come out longer than it was.
        probes = min(self._probe_ns, ran)
        waited = int((monotonic() - self._began) * 1e9)
        share = f"about {_duration(probes)} of {_duration(ran)} ({probes / ran:.0%})"
        return f"{share} spent recording, then {_duration(waited)} storing"


def _reports(summary: dict[str, object]) -> list[str]:
    reports = summary.get("reports")
    if not isinstance(reports, list):
        return []
    told = ("module-failed", "probe-fault", "core-missing")
    return [f"{one['name']}: {one['why']}" for one in reports if one.get("what") in told]


def _number(summary: dict[str, object], key: str) -> int:
    value = summary.get(key)
    return value if isinstance(value, int) else 0


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _duration(ns: int) -> str:
    return f"{ns / 1e9:.2f} s" if ns >= _SECOND_NS else f"{ns / 1e6:.1f} ms"


def _bytes(number: int) -> str:
    size, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < _THOUSAND or unit == "GB":
            break
        size /= _THOUSAND
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _say(terminal: TextIO, text: str) -> None:
    clear = "\r\x1b[K" if terminal.isatty() else ""
    terminal.write(clear + "".join(f"rewind: {line}\n" for line in text.splitlines()))
    terminal.flush()
