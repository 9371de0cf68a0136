"""W3C Trace Context (level 1): how requests of several services are told to be one trace.

`traceparent: 00-<trace id>-<parent's span id>-<flags>`, all hexadecimal. A session's span id is the
end of its own id.
"""

import os
import re
from typing import Final, NamedTuple

HEADER: Final = "traceparent"
_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_VERSION: Final = "00"
_INVALID: Final = "ff"
RECORDED: Final = 1
"""The flag of a trace that begins here."""
_SPAN: Final = 16
_SHARE_DIGITS: Final = 14


class Trace(NamedTuple):
    """A trace that a request takes part in."""

    trace_id: str
    parent_span: str | None
    """What the request belongs to: another service's session, or a span; None where it is the
    first."""
    flags: int

    @property
    def tags(self) -> dict[str, object]:
        """What a session tells of it."""
        if self.parent_span is None:
            return {"trace_id": self.trace_id}
        return {"trace_id": self.trace_id, "parent_span": self.parent_span}

    def sampled(self, rate: float) -> bool:
        """Return whether it is among the share of traces that are recorded.

        By the end of its id, which is random: so every service decides the same.
        """
        return int(self.trace_id[-_SHARE_DIGITS:], 16) < rate * 16**_SHARE_DIGITS

    def onward(self, session: str) -> str:
        """Return the header of a request that is sent in that session."""
        return f"{_VERSION}-{self.trace_id}-{session[-_SPAN:]}-{self.flags:02x}"


def new_trace() -> Trace:
    """Return the trace of a request that is the first of it."""
    return Trace(os.urandom(16).hex(), None, RECORDED)


def trace_of(header: object) -> Trace | None:
    """Return the trace of which that header tells; None where it cannot be read."""
    found = _FORM.fullmatch(header.strip()) if isinstance(header, str) else None
    if found is None:
        return None
    version, trace_id, span, flags, more = found.groups()
    if version == _INVALID or (version == _VERSION and more):
        return None
    return Trace(trace_id, span, int(flags, 16)) if int(trace_id, 16) and int(span, 16) else None
