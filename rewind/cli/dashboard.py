"""A dashboard beside a program: what `rewind run --ui` starts, or finds running already.

One for each spool and database, in a process of its own that outlives the program. The file
`dashboard.json` in the spool says where it listens; its token, if there is one, is not in there.
"""

import json
import os
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from rewind.agent.detached import start_detached
from rewind.cli.ui import open_browser
from rewind.config import Settings
from rewind.errors import StoreError
from rewind.spool.process import is_alive, start_ticks
from rewind.spool.temporary import held

if TYPE_CHECKING:
    from rewind.web.server import Address

_PATIENCE_S = 20.0
_POLL_S = 0.02


class Running(NamedTuple):
    """A dashboard, as its file tells."""

    pid: int
    start_ticks: int
    database: str
    """Digest of the URL: the URL itself may hold a password."""
    url: str
    """Without the token."""


def show_dashboard(settings: Settings) -> None:
    """See to it that a dashboard runs, and say on standard error where.

    Raises `StoreError` if it does not come up; its log tells why.
    """
    place, log = settings.spool / "dashboard.json", settings.spool / "dashboard.log"
    running = _running(place, settings)
    if running is None:
        start_detached(lambda: _serve(settings, place), log)
        running = _awaited(place, settings, log)
    token = os.environ.get("REWIND_UI_TOKEN")
    url = f"{running.url}?token={quote(token, safe='')}" if token else running.url
    start_detached(lambda: open_browser(url), log)
    sys.stderr.write(f"rewind: watch it at {url} (`kill {running.pid}` ends the dashboard)\n")


def _serve(settings: Settings, place: Path) -> None:
    from rewind.web.server import serve

    def ready(address: "Address") -> None:
        url = address._replace(token=None).url
        here = Running(os.getpid(), start_ticks(os.getpid()), _digest(settings.database), url)
        hidden = place.with_suffix(".new")
        hidden.write_text(json.dumps(here))
        hidden.rename(place)

    with held(settings.database):
        serve(settings.database, token=os.environ.get("REWIND_UI_TOKEN"), ready=ready)


def _awaited(place: Path, settings: Settings, log: Path) -> Running:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        running = _running(place, settings)
        if running is not None:
            return running
        time.sleep(_POLL_S)
    message = f"the dashboard did not start; {log} says why"
    raise StoreError(message)


def _running(place: Path, settings: Settings) -> Running | None:
    try:
        running = Running(*json.loads(place.read_text()))
    except (OSError, TypeError, ValueError):
        return None
    is_ours = running.database == _digest(settings.database)
    return running if is_ours and is_alive(running.pid, running.start_ticks) else None


def _digest(url: str) -> str:
    return sha256(url.encode()).hexdigest()
