"""W3C Trace Context (level 1): how requests of several services are told to be one trace.

`traceparent: 00-<trace id>-<parent's span id>-<flags>`, all hexadecimal. A session's span id is the
end of its own id.
"""

import os
import re
import sys
from typing import Any, Final, NamedTuple

HEADER: Final = "traceparent"
_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_VERSION: Final = "00"
_INVALID: Final = "ff"
_RECORDED: Final = 1
_SPAN: Final = 16
_SHARE_DIGITS: Final = 14


class Trace(NamedTuple):
    """A trace that a request takes part in."""

    trace_id: str
    parent_span: str | None
    """What the request belongs to: another service's session, or a span; None where it is the
    first."""
    flags: int

    def sampled(self, rate: float) -> bool:
        """Return whether it is among the share of traces that are recorded.

        By the end of its id, which is random: so every service decides the same.
        """
        return int(self.trace_id[-_SHARE_DIGITS:], 16) < rate * 16**_SHARE_DIGITS

    def onward(self, session: str) -> str:
        """Return the header of a request that is sent in that session."""
        return f"{_VERSION}-{self.trace_id}-{session[-_SPAN:]}-{self.flags:02x}"


def trace_of(header: object) -> Trace:
    """Return the trace of a request that came with that header, or without one that can be read.

    Where a span of OpenTelemetry's is active by then, it is that one's; and a new one otherwise.
    """
    return _told(header) or _active() or Trace(os.urandom(16).hex(), None, _RECORDED)


def _told(header: object) -> Trace | None:
    found = _FORM.fullmatch(header.strip()) if isinstance(header, str) else None
    if found is None:
        return None
    version, trace_id, span, flags, more = found.groups()
    if version == _INVALID or (version == _VERSION and more):
        return None
    return Trace(trace_id, span, int(flags, 16)) if int(trace_id, 16) and int(span, 16) else None


def _active() -> Trace | None:
    """Return where OpenTelemetry is, if the program uses it."""
    module: Any = sys.modules.get("opentelemetry.trace")
    if module is None:
        return None
    try:
        context = module.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return Trace(
            f"{context.trace_id:032x}", f"{context.span_id:016x}", int(context.trace_flags)
        )
    except Exception:  # noqa: BLE001 - the boundary: another version's, or half imported
        return None
