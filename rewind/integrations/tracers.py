"""Tracers that the program uses beside Rewind: theirs are the traces, and they tell of sessions.

A boundary: one of another version, or half imported, is none.
"""

import sys
from typing import Any, Final

from rewind.integrations import opentelemetry, sentry
from rewind.integrations.traces import Trace

SESSION: Final = "rewind.session"
ADDRESS: Final = "rewind.address"
"""Attributes and tags: the session's id, and where the dashboard shows it."""

DASHBOARD: Final = "http://127.0.0.1:8765"
"""Where `rewind ui` is, unless told otherwise."""

_TRACERS: Final[tuple[Any, ...]] = (opentelemetry, sentry)
_MODULES: Final = tuple(tracer.MODULE for tracer in _TRACERS)
_dashboard = DASHBOARD


def at_dashboard(address: str) -> None:
    """Tell of sessions by this address from now on."""
    global _dashboard  # noqa: PLW0603 - a process has one
    _dashboard = address


def active() -> Trace | None:
    """Return the trace that a tracer is at work on, just here."""
    # Asked twice with each request, and most programs have none.
    if sys.modules.keys().isdisjoint(_MODULES):
        return None
    for tracer in _TRACERS:
        if tracer.MODULE not in sys.modules:
            continue
        try:
            found: Trace | None = tracer.active()
        except Exception:  # noqa: BLE001, S112 - see above
            continue
        if found is not None:
            return found
    return None


def tell(session: str) -> None:
    """Have every tracer that is at work just here tell of the session."""
    facts = {SESSION: session, ADDRESS: f"{_dashboard}/sessions/{session}"}
    for tracer in _TRACERS:
        try:
            if tracer.active() is not None:
                tracer.tell(facts)
        except Exception:  # noqa: BLE001, S112 - see above
            continue
